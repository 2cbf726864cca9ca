"""The response to a delivery that was stored."""

from __future__ import annotations

from aiwebhook.http import Request, Response
from aiwebhook.ports.inbound import Acceptance
from aiwebhook.wiring.relay_parts import RelayParts


def accepted_response(
    parts: RelayParts, request: Request, accepted: Acceptance, source: str
) -> Response:
    """202: it is durable. Its rules are evaluated first, because nothing runs
    after the response.
    """
    if accepted.has_rules:
        from relay.ruling import start_kept  # noqa: PLC0415 — rarer: paid when it comes

        start_kept(parts, request, accepted, source)
    body = {
        "status": "received",
        "event": accepted.event_type,
        "delivery_id": accepted.delivery_id,
        "duplicate": accepted.duplicate,
        "conflict": accepted.conflict,
    }
    return Response(status=202, body=body)
