"""Routes a message to its command, task command, insight or GitHub delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import (
    COMMAND,
    INSIGHT,
    TASK_COMMAND,
    CommandRequest,
    ConversionNote,
    Reply,
    shown_notes,
)
from aiwebhook.commands.catalogue import find_command
from aiwebhook.commands.envelope import ENVELOPE, ack_of, reader_of
from aiwebhook.commands.execute import execute
from aiwebhook.commands.refusals import join, named_like
from aiwebhook.commands.schema_wording import received
from aiwebhook.commands.synonyms import nearest
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.http import Request, Response, idempotency_key, serve
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.inbound import GITHUB_SOURCE
from aiwebhook.usecases.accept_delivery import DELIVERY_HEADERS, ReceivedDelivery, accept_delivery
from aiwebhook.usecases.authenticate import Authentication, serve_authenticated
from aiwebhook.wiring.relay_parts import RelayParts
from relay.accepted import accepted_response
from relay.reading import invalid_command, kind_of, only_post, read_message, unknown_type

_REPLAY = {"Idempotent-Replay": "true"}
COMMAND_FIELDS = ENVELOPE | {"type", "command", "session_id", "data"}


class RelayDoor:
    """Answers proxy events of API Gateway at /webhook and /."""

    def __init__(self, parts: RelayParts) -> None:
        self._parts = parts

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request; never raises."""
        limits: dict[str, str] = {}
        return serve(event, lambda request: self._route(request, limits), extra_headers=limits)

    def _route(self, request: Request, limits: dict[str, str]) -> Response:
        """GitHub signs its deliveries; everybody else sends an API key."""
        if request.method != "POST":
            raise only_post(request.method)
        if "/webhook/" in request.path and not request.path.endswith("/webhook/"):
            return self._from_source(request)
        if not DELIVERY_HEADERS.isdisjoint(request.headers):
            return self._delivery(request)
        return serve_authenticated(
            self._parts.authenticator,
            Authentication(headers=request.headers, address=request.address, limits=limits),
            lambda caller: self._authenticated(request, caller),
            scope=Scope.READ,
        )

    def _authenticated(self, request: Request, caller: Caller) -> Response:
        body, notes = read_message(request, COMMAND_FIELDS)
        try:
            return self._message(request, caller, body, notes)
        except Invalid as error:
            # Its pointers use the correct names, so first list the names that were corrected.
            error.errors = (*(note.as_error() for note in notes if note.renamed), *error.errors)
            raise

    def _delivery(self, request: Request, path: str = "") -> Response:
        accepted = accept_delivery(
            self._parts.inbound,
            self._parts.services.blobs,
            self._parts.github(),
            ReceivedDelivery(
                headers=request.headers,
                repeated=request.repeated,
                body=request.body,
                correlation_id=request.correlation_id,
                path=path,
            ),
        )
        return accepted_response(self._parts, request, accepted, GITHUB_SOURCE)

    def _from_source(self, request: Request) -> Response:
        from relay.source_door import deliver_from_source, path_behind  # noqa: PLC0415 — rarer: paid when it comes

        source_id = request.path.partition("/webhook/")[2].partition("/")[0]
        if source_id == GITHUB_SOURCE:
            return self._delivery(request, path_behind(request, f"/webhook/{source_id}"))
        return deliver_from_source(self._parts, request, source_id)

    def _message(
        self, request: Request, caller: Caller, body: dict[str, Any], notes: list[ConversionNote]
    ) -> Response:
        kind = kind_of(body)
        key = idempotency_key(request, body)
        reader = reader_of(body.get("reader"), request.headers.get("x-reader"))
        ack = ack_of(body.get("ack"))
        command, session_id, data = _command(body) if kind == COMMAND else ("", None, body)
        order = CommandRequest(
            caller=caller,
            command=command,
            session_id=session_id,
            data=data,
            request_id=request.request_id,
            correlation_id=request.correlation_id,
            arrived_at=request.arrived_at,
            idempotency_key=key,
            pointer="/data" if kind == COMMAND else "",
            reader=reader,
            ack=ack,
            lenient=True,
            notes=shown_notes(notes),
        )
        if kind == COMMAND:
            return _replied(execute(self._parts.services, order))
        if kind == INSIGHT:
            from aiwebhook.commands.store_insight import store_insight  # noqa: PLC0415 — rarer: paid when it comes

            return _replied(store_insight(self._parts.services, order))
        if kind == TASK_COMMAND:
            from aiwebhook.commands.run_task_command import run_task_command  # noqa: PLC0415 — as above

            answer = run_task_command(self._parts.services, order)
            status = 202 if answer.pending else 200
            return Response(
                status=status, body=answer.body, headers=_REPLAY if answer.replayed else {}
            )
        raise unknown_type(body)


def _command(body: Mapping[str, Any]) -> tuple[str, str | None, dict[str, Any]]:
    """Command, session_id and data of the envelope of docs/wire.md, every field
    checked. Raises Invalid.
    """
    command, data = body.get("command"), body.get("data")
    errors = [_unknown_field(name, command) for name in body if name not in COMMAND_FIELDS]
    if not isinstance(command, str):
        message = f"must be the name of a command; got {received(command)}"
        errors.append(FieldError(pointer="/command", message=message))
    if not isinstance(body.get("session_id"), str | None):
        errors.append(_session_id_error(body["session_id"]))
    if not isinstance(data, dict | None):
        message = f"must be an object; got {received(data)}"
        errors.append(FieldError(pointer="/data", message=message))
    if errors:
        raise invalid_command(errors, command)
    return str(command), body.get("session_id"), body.get("data") or {}


def _unknown_field(name: str, command: object) -> FieldError:
    spec = find_command(command)
    fields = COMMAND_FIELDS | (set(spec.code.model.model_fields) if spec else set[str]())
    near = nearest(name, fields)
    hint = f'; did you mean "{near}"?' if near else ""
    known = ", ".join(sorted(COMMAND_FIELDS))
    message = f"is not a known field{hint or '.'} Known are {known}, the rest belongs into data"
    return FieldError(pointer=join("", _printable(name)), message=message)


def _session_id_error(value: object) -> FieldError:
    message = f"must be text; got {received(value)}"
    better = named_like(value, CLIENT_ID.pattern)
    return FieldError(pointer="/session_id", message=message, suggestion=better)


def _printable(name: str) -> str:
    return name[:100].encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _replied(reply: Reply) -> Response:
    return Response(status=200, body=reply.as_json(), headers=_REPLAY if reply.replayed else {})
