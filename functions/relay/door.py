"""Which message is for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.envelope import ENVELOPE, ack_of, first_given, reader_of
from aiwebhook.commands.execute import execute
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.http import Request, Response, idempotency_key, json_body, serve
from aiwebhook.usecases.accept_delivery import Arrival, accept_delivery, is_delivery
from aiwebhook.usecases.admit import Visitor, admit
from aiwebhook.wiring.relay import RelayParts

COMMAND, INSIGHT, TASK_COMMAND = (
    "collaborative_session_command",
    "llm_conversation_insight",
    "task_command",
)
_COMMAND_FIELDS = ENVELOPE | {"type", "command", "session_id", "data"}


class RelayDoor:
    """Answers proxy events."""

    def __init__(self, parts: RelayParts) -> None:
        self._parts = parts

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """One request, one answer; never raises."""
        visit = _Visit(self._parts)
        return serve(event, visit.route, extra_headers=visit.limit_headers)


class _Visit:
    """One request on its way through the door."""

    def __init__(self, parts: RelayParts) -> None:
        self._parts = parts
        self._visitor: Visitor | None = None

    def limit_headers(self) -> dict[str, str]:
        """RateLimit headers, as soon as the key is known."""
        limit = self._visitor.limit if self._visitor else None
        return {} if limit is None else limit.headers()

    def route(self, request: Request) -> Response:
        """GitHub signs its deliveries; everybody else brings an API key."""
        if is_delivery(request.headers):
            return self._delivery(request)
        self._visitor = Visitor(headers=request.headers, address=request.address)
        caller = admit(self._parts.gate, self._visitor, scope=Scope.READ)
        return self._message(request, caller, json_body(request))

    def _delivery(self, request: Request) -> Response:
        accepted = accept_delivery(
            self._parts.inbound,
            self._parts.services.blobs,
            self._parts.github(),
            Arrival(
                headers=request.headers,
                repeated=request.repeated,
                body=request.body,
                correlation_id=request.correlation_id,
            ),
        )
        body = {
            "status": "received",
            "event": accepted.event_type,
            "delivery_id": accepted.delivery_id,
            "duplicate": accepted.duplicate,
            "conflict": accepted.conflict,
        }
        return Response(status=202, body=body)

    def _message(self, request: Request, caller: Caller, body: dict[str, Any]) -> Response:
        kind = body.get("type", COMMAND if "command" in body else None)
        order = CommandRequest(
            caller=caller,
            command="",
            session_id=None,
            data=body,
            request_id=request.request_id,
            correlation_id=request.correlation_id,
            idempotency_key=idempotency_key(request, body),
            pointer="",
            reader=reader_of(first_given(body.get("reader"), request.headers.get("x-reader"))),
            ack=ack_of(body.get("ack")),
        )
        if kind == COMMAND:
            return _replied(execute(self._parts.services, _command(order, body)))
        if kind == INSIGHT:
            from aiwebhook.usecases.store_insight import (  # noqa: PLC0415 — rarer: paid when it comes
                store_insight,
            )

            return _replied(store_insight(self._parts.services, order))
        if kind == TASK_COMMAND:
            from aiwebhook.usecases.run_task_command import (  # noqa: PLC0415 — as above
                run_task_command,
            )

            answer = run_task_command(self._parts.services, order)
            status = 202 if answer.pending else 200
            return Response(
                status=status, body=answer.body, headers=_replay(replayed=answer.replayed)
            )
        message = f"must be one of {COMMAND}, {INSIGHT}, {TASK_COMMAND}"
        error = FieldError(pointer="/type", message=message)
        raise Invalid(f"type {message}.", code="unknown_type", errors=(error,))


def _command(order: CommandRequest, body: Mapping[str, Any]) -> CommandRequest:
    """The envelope of WIRE §1, every field checked. Raises Invalid."""
    errors = [
        FieldError(pointer=f"/{_printable(name)}", message="is not a known field")
        for name in body
        if name not in _COMMAND_FIELDS
    ]
    if not isinstance(body.get("command"), str):
        errors.append(FieldError(pointer="/command", message="must be the name of a command"))
    if not isinstance(body.get("session_id"), str | None):
        errors.append(FieldError(pointer="/session_id", message="must be text"))
    if not isinstance(body.get("data"), dict | None):
        errors.append(FieldError(pointer="/data", message="must be an object"))
    if errors:
        raise Invalid(f"{errors[0].pointer} {errors[0].message}.", errors=tuple(errors[:20]))
    return replace(
        order,
        command=body["command"],
        session_id=body.get("session_id"),
        data=body.get("data") or {},
        pointer="/data",
    )


def _printable(name: str) -> str:
    return name[:100].encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _replied(reply: Reply) -> Response:
    return Response(status=200, body=reply.as_json(), headers=_replay(replayed=reply.replayed))


def _replay(*, replayed: bool) -> dict[str, str]:
    return {"Idempotent-Replay": "true"} if replayed else {}
