"""The answer to a delivery that was kept."""

from __future__ import annotations

from aiwebhook.http import Response
from aiwebhook.ports.inbound import Acceptance


def accepted_response(accepted: Acceptance) -> Response:
    """202: it is durable."""
    body = {
        "status": "received",
        "event": accepted.event_type,
        "delivery_id": accepted.delivery_id,
        "duplicate": accepted.duplicate,
        "conflict": accepted.conflict,
    }
    return Response(status=202, body=body)
