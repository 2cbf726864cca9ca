"""Messages in another wrapping than asked for: tool calls, other names, fields side by side.

As `understanding`, asked only about what the strict reading refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiwebhook.commands.base import COMMAND, INSIGHT, KINDS, TASK_COMMAND, ConversionNote
from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.refusals import join
from aiwebhook.commands.schema_wording import received
from aiwebhook.commands.synonyms import command_named, field_meant, normal
from aiwebhook.commands.understanding import called, object_in

Json = dict[str, Any]
_WRAPPERS = frozenset(
    "request body payload json message input call function function_call tool_call tool_calls"
    " function tool_use command_request webhook event params parameters arguments args data".split()
)
_TOP = frozenset({"command", "conversation", "insight", "action_type"})
"""What has one of these is a message itself, or the data of one, and no wrapper."""
_COMMAND_NAMES = frozenset("cmd action method operation op tool tool_name name function".split())
_DATA_NAMES = frozenset("params arguments args parameters payload input inputs body".split())
_NAMES = {
    "sessionid": "session_id",
    "session": "session_id",
    "requestid": "request_id",
    "idempotency_key": "request_id",
}
_TRANSPORT = frozenset("id call_id jsonrpc tool_call_id".split())
_TOOL_TYPES = frozenset("function function_call tool_use tool_call tool".split())


def understand_message(body: Json, known: frozenset[str]) -> tuple[Json, list[ConversionNote]]:
    """The message in the form of docs/wire.md, as far as it can be recognised; `known` are the
    envelope's fields. `body` itself is not changed.
    """
    notes: list[ConversionNote] = []
    message = _unwrapped(dict(body), notes)
    _name_fields(message, known, notes)
    _read_command(message, notes)
    _read_type(message, notes)
    # A tuple, here and below: it may hold a list or an object, which no set can be asked about.
    if message.get("type") in (INSIGHT, TASK_COMMAND) or not _names_command(message):
        return message, notes
    _read_data(message, notes)
    spec = CATALOGUE.get(message["command"])
    if spec is not None:
        _gather_fields(message, known, spec, notes)
    return message, notes


def _names_command(message: Json) -> bool:
    return isinstance(message.get("command"), str)


def _unwrapped(message: Json, notes: list[ConversionNote]) -> Json:
    """What lies in wrappers, and the name and arguments of a tool call."""
    for _ in range(4):
        inner = _inside(message)
        if inner is None:
            break
        name, message = inner
        notes.append(
            ConversionNote(
                pointer=join("", name),
                message="is a wrapper: send what is in it as the body",
                renamed=True,
            )
        )
    return message


def _inside(message: Json) -> tuple[str, Json] | None:
    if any(normal(name) in _TOP for name in message):
        return None
    for name, value in message.items():
        if normal(name) not in _WRAPPERS:
            continue
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        inner = items[0] if len(items) == 1 else None
        inner = _object(inner)
        if isinstance(inner, dict) and _is_message(found := cast("Json", inner)):
            return name, dict(found)
    return None


def _object(value: object) -> object:
    """The object a text holds, else the value itself."""
    found = object_in(value)
    return value if found is None else found


def _is_message(value: Json) -> bool:
    """Whether it names a command; what only holds some fields is somebody's data."""
    names = {normal(name) for name in value}
    if "command" in names or {"conversation", "insight"} <= names or value.get("type") in KINDS:
        return True
    if any(normal(n) in _WRAPPERS and isinstance(v, dict | list) for n, v in value.items()):
        return _inside(value) is not None or _tool_named(value) is not None
    return _tool_named(value) is not None


def _tool_named(value: Mapping[str, Any]) -> str | None:
    """The field of a tool call that holds a command's name."""
    for name, named in value.items():
        if normal(name) in _COMMAND_NAMES and isinstance(named, str) and command_named(named):
            return name
    return None


def _name_fields(message: Json, known: frozenset[str], notes: list[ConversionNote]) -> None:
    for name in [name for name in message if name not in known]:
        name_given = normal(name)
        meant = name_given if name_given in known else _NAMES.get(name_given)
        if name_given == "session" and not isinstance(message[name], str):
            meant = None
        if meant is not None and meant not in message:
            message[meant] = message.pop(name)
            notes.append(called(join("", name), meant))
    if "command" not in message and (tool := _tool_named(message)) is not None:
        message["command"] = message.pop(tool)
        notes.append(called(join("", tool), "command"))
        for name in [n for n in message if n not in known and normal(n) in _TRANSPORT]:
            del message[name]
        if normal(str(message.get("type"))) in _TOOL_TYPES:
            del message["type"]
    if "command" in message and message.get("data") is None:
        for name in [name for name in message if normal(name) in _DATA_NAMES]:
            value = _object(message[name])
            if isinstance(value, dict):
                message.pop("data", None)
                message["data"] = message.pop(name)
                notes.append(called(join("", name), "data"))
                break


def _read_command(message: Json, notes: list[ConversionNote]) -> None:
    given = message.get("command")
    if given is None and isinstance(message.get("type"), str):
        given = command_named(message["type"])
        if given is not None:
            del message["type"]
            message["command"] = given
            notes.append(called("/type", "command"))
    if not isinstance(given, str):
        return
    name = command_named(given)
    if name is not None and given not in CATALOGUE and name != given:
        message["command"] = name
        notes.append(_read("/command", given, name))


def _read_type(message: Json, notes: list[ConversionNote]) -> None:
    given = message.get("type")
    if given is None:
        message.pop("type", None)
        if {"conversation", "insight"} <= set(message):
            message["type"] = INSIGHT
        elif isinstance(message.get("data"), dict) and "action_type" in message["data"]:
            message["type"] = TASK_COMMAND
        return
    if not isinstance(given, str) or given in KINDS:
        return
    name_given = normal(given)
    command = isinstance(message.get("command"), str)
    if name_given in KINDS:
        message["type"] = name_given
        notes.append(_read("/type", given, name_given))
    elif command and name_given in {
        "command",
        "session_command",
        "collaborative_session",
        "request",
    }:
        message["type"] = COMMAND
        notes.append(_read("/type", given, COMMAND))


def _read_data(message: Json, notes: list[ConversionNote]) -> None:
    data = message.get("data")
    found = object_in(data)
    if found is not None:
        message["data"] = found
        text = "is text that holds an object: send the object itself"
        notes.append(ConversionNote(pointer="/data", message=text, renamed=True))
    elif isinstance(data, list):
        items = cast("list[object]", data)
        if len(items) == 1 and isinstance(items[0], dict):
            message["data"] = items[0]
            text = "is an array that holds an object: send the object itself"
            notes.append(ConversionNote(pointer="/data", message=text, renamed=True))


def _gather_fields(
    message: Json, known: frozenset[str], spec: CommandSpec, notes: list[ConversionNote]
) -> None:
    """Fields of the command that lie beside it go into data, the session's id the other way."""
    data = message.get("data")
    if data is not None and not isinstance(data, dict):
        return
    inner: Json = dict(cast("Json", data or {}))
    for name in [name for name in inner if normal(name) in {"session_id", "sessionid"}]:
        if isinstance(inner[name], str) and message.get("session_id") in (None, inner[name]):
            message["session_id"] = inner.pop(name)
            place = join("/data", name)
            notes.append(
                ConversionNote(pointer=place, message="belongs beside command", renamed=True)
            )
    fields = [*spec.code.model.model_fields, *([spec.wrapper] if spec.wrapper else [])]
    beside = [name for name in message if name not in known]
    if isinstance(message.get("type"), str) and message["type"] not in KINDS:
        beside += ["type"] if "type" in fields else []
    for name in beside:
        meant = field_meant(name, fields)
        taken = name == "messages" and "chunk_id" in fields
        if (meant is not None or taken) and name not in inner and meant not in inner:
            inner[name] = message.pop(name)
            text = "belongs into data"
            notes.append(ConversionNote(pointer=join("", name), message=text, renamed=True))
    if inner or data is not None:
        message["data"] = inner


def _read(pointer: str, given: object, name: str) -> ConversionNote:
    return ConversionNote(pointer=pointer, message=f'was read as "{name}", not {received(given)}')
