"""POST /webhook/<source>: deliveries of a source."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlencode

from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.http import Request, Response
from aiwebhook.usecases.accept_from_source import (
    SlackChallenge,
    SourceArrival,
    SourceDoor,
    accept_from_source,
    no_source,
)
from aiwebhook.usecases.authenticate import caller_address
from aiwebhook.wiring.relay_parts import RelayParts
from relay.accepted import accepted_response

_KEPT_IN_PATHS = "/:@!$&'()*+,;=-._~"


def path_behind(request: Request, prefix: str) -> str:
    """The path behind that of the source, quoted, with the query. Raises NotFound for a path that
    would escape the place it is forwarded to.
    """
    rest = unquote(request.path.removeprefix(prefix), errors="replace")
    if {".", ".."} & set(rest.replace("\\", "/").split("/")):
        raise no_source()
    query = urlencode(dict(request.query), quote_via=quote)
    return quote(rest, safe=_KEPT_IN_PATHS) + (f"?{query}" if query else "")


def deliver_from_source(parts: RelayParts, request: Request, source_id: str) -> Response:
    """202 when the delivery is stored; also answers Slack's challenge for a new address."""
    door = SourceDoor(
        store=parts.inbound,
        blobs=parts.services.blobs,
        box=lambda: SecretBox(parts.master_key()),
    )
    told = accept_from_source(
        door,
        SourceArrival(
            source_id=source_id,
            path=path_behind(request, f"/webhook/{source_id}"),
            address=caller_address(request.address),
            headers=request.headers,
            repeated=request.repeated,
            body=request.body,
            correlation_id=request.correlation_id,
            arrived_at=request.arrived_at,
        ),
    )
    if isinstance(told, SlackChallenge):
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        return Response(status=200, body=told.challenge, headers=headers)
    return accepted_response(parts, request, told, source_id)
