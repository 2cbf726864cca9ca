"""Operations that are commands: one rule maps a request to a command, and its reply
to the response.

Path parameters and query or body together are the command's `data`; `session_id` is the command's
session. The response is the reply of docs/wire.md, the same as through POST /webhook: the resource
is its `data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiwebhook.commands.base import CommandRequest
from aiwebhook.commands.envelope import ack_of, reader_of
from aiwebhook.commands.execute import execute
from aiwebhook.errors import FieldError, Invalid
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, Handle, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_QUERY_NAMES = {"wait": "wait_s"}
"""Query parameters whose names differ from those of the command."""


def command_operation(  # noqa: PLR0913 a table row; every argument is a column
    method: str,
    path: str,
    command: str,
    *,
    name: str,
    summary: str,
    consequential: bool = False,
    in_actions: bool = True,
) -> Operation:
    """An operation that is a command."""
    reads = method == "GET"
    return Operation(
        method=method,
        path=path,
        name=name,
        summary=summary,
        tag=_tag(path),
        access=Access.READ if reads else Access.COMMANDS,
        handle=_handler(command, reads=method in ("GET", "DELETE"), safe=reads),
        command=command,
        in_actions=in_actions,
        consequential=consequential,
    )


def _handler(command: str, *, reads: bool, safe: bool) -> Handle:
    def run_command(api: SessionApi, call: ApiCall, _params: None) -> Answer:
        given = _renamed(call.given) if reads else dict(call.given)
        named = given.pop("reader", None)
        # A safe method acknowledges nothing: there, ack is an unknown field.
        acked = None if safe else ack_of(given.pop("ack", None))
        session_id = _session_id(call.ids, given)
        ids = {name: value for name, value in call.ids.items() if name != "session_id"}
        _refuse_contradiction(ids, given)
        reply = execute(
            api.commands,
            CommandRequest(
                caller=call.caller,
                command=command,
                session_id=session_id,
                data={**given, **ids},
                request_id=call.request_id,
                correlation_id=call.correlation_id,
                arrived_at=call.arrived_at,
                idempotency_key=call.idempotency_key,
                pointer="",
                reader=reader_of(named, call.reader),
                ack=acked,
                safe=safe,
            ),
        )
        headers = {"Idempotent-Replay": "true"} if reply.replayed else {}
        return Answer(body=reply.as_json(), headers=headers)

    return run_command


def _renamed(given: Mapping[str, Any]) -> Json:
    renamed = {_QUERY_NAMES.get(name, name): value for name, value in given.items()}
    if isinstance(renamed.get("wait_s"), float):
        renamed["wait_s"] = int(renamed["wait_s"])  # commands count whole seconds
    return renamed


def _session_id(ids: Mapping[str, str], given: Json) -> str | None:
    if "session_id" in ids:
        return ids["session_id"]
    value: Any = given.pop("session_id", None)
    if value is not None and not isinstance(value, str):
        error = FieldError(pointer="/session_id", message="must be text")
        raise Invalid("session_id must be text.", errors=(error,))
    return value


def _refuse_contradiction(ids: Mapping[str, str], given: Json) -> None:
    for name in ids:
        if name in given:
            error = FieldError(pointer=f"/{name}", message="belongs in the path only")
            raise Invalid(f"{name} belongs in the path only.", errors=(error,))


def _tag(path: str) -> str:
    if path == "/v1/help":
        return "system"
    known = ("conversation", "memories", "artifacts", "tasks", "updates")
    return next((part for part in known if part in path.split("/")), "sessions")
