"""The arguments of a tool call, parsed leniently where they can mean only one thing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.envelope import reader_of
from aiwebhook.commands.mcp_tools import SESSION_ARGUMENT
from aiwebhook.commands.understanding import object_in
from aiwebhook.commands.validation import read_as, refuse_unstorable
from aiwebhook.errors import FieldError, Invalid
from session_api.mcp.ack import Ack, read_ack
from session_api.mcp.arguments import MAX_TOOL_WAIT_S, REFERENCES, arguments_model, tool_of

Json = dict[str, Any]
_WRAPPERS = frozenset({"arguments", "args", "params", "parameters", "input", "data", "payload"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest:
    """A tool call. `data` and `session` are the command's; `unsure`: fields that may hold a name
    instead of an id; `pointers`: field → the caller's argument. `wait_s` is what the caller sent;
    in `data` it is at most 20.
    """

    spec: CommandSpec
    data: Json
    session: str | None
    pointers: Mapping[str, str]
    reader: str | None
    ack: Ack
    request_id: str | None
    fingerprint: bytes
    wait_s: int = 0
    artifact: str | None = None
    page: int = 1
    unsure: frozenset[str] = REFERENCES
    notes: tuple[str, ...] = ()

    def value(self, field: str) -> str | None:
        """The value of a field that names something."""
        return self.session if field == SESSION_ARGUMENT else self.data.get(field)

    def sure_of(self, field: str, found: str) -> ToolRequest:
        """The call with the id found for a field."""
        unsure = self.unsure - {field}
        if field == SESSION_ARGUMENT:
            return replace(self, session=found, unsure=unsure)
        return replace(self, data={**self.data, field: found}, unsure=unsure)

    @property
    def digest(self) -> str:
        """The same for the same tool and arguments."""
        return self.fingerprint.hex()[:40]


def read_tool_request(command: str, arguments: Mapping[str, Any]) -> ToolRequest:
    """Parse the arguments of a command's tool. Raises Invalid, naming every argument that
    breaks a rule.
    """
    spec = CATALOGUE[command]
    given = _unwrapped(spec, dict(arguments))
    refuse_unstorable(given, "")
    reader = reader_of(given.pop("reader", None))
    ack = read_ack(given.pop("ack", None))
    request_id = _request_id(given.pop("request_id", None)) if spec.writes else None
    _, understood, notes = read_as(
        arguments_model(command),
        given,
        pointer="",
        lenient=True,
        example=lambda: tool_example(spec),
    )
    by_field = {
        argument.field: understood[name]
        for name, argument in tool_of(spec).arguments.items()
        if understood.get(name) is not None
    }
    session = by_field.pop(SESSION_ARGUMENT, None)
    artifact, page = by_field.pop("artifact", None), by_field.pop("page", 1)
    wait_s = int(by_field.get("wait_s", 0))
    if wait_s:
        by_field["wait_s"] = min(wait_s, MAX_TOOL_WAIT_S)
    return ToolRequest(
        spec=spec,
        data=by_field,
        session=session,
        pointers={a.field: f"/{name}" for name, a in tool_of(spec).arguments.items()},
        reader=reader,
        ack=ack,
        request_id=request_id,
        fingerprint=_fingerprint(spec, understood),
        wait_s=wait_s,
        artifact=artifact,
        page=int(page),
        notes=notes,
    )


def tool_example(spec: CommandSpec) -> Json:
    """The smallest complete call of the tool."""
    fields = {**spec.example, SESSION_ARGUMENT: "carbon_planning"}
    return {
        name: fields[argument.field]
        for name, argument in tool_of(spec).arguments.items()
        if argument.field in fields and (argument.required or argument.field in spec.example)
    }


def _unwrapped(spec: CommandSpec, given: Json) -> Json:
    """Without a wrapper object (`arguments`, `params`, …) around all arguments."""
    if len(given) != 1:
        return given
    ((name, value),) = given.items()
    inner = object_in(value) or (cast("Json", value) if isinstance(value, dict) else None)
    wrapped = name in _WRAPPERS and name not in tool_of(spec).arguments
    return dict(inner) if wrapped and inner is not None else given


def _request_id(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    error = FieldError(pointer="/request_id", message="must be text")
    raise Invalid("request_id must be text.", errors=(error,))


def _fingerprint(spec: CommandSpec, understood: Mapping[str, Any]) -> bytes:
    """Hash of the call before names are resolved, so that a repeated call has the same one."""
    call = json.dumps(["tool", spec.name, understood], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(call.encode("utf-8", "surrogatepass")).digest()
