"""A run's last word, made fit to be kept. Pure.

A terminal report is never refused for its content: the work is done and paid for. What cannot be
stored is replaced, cut or left out, and `notes` say so. Runners repair before they send; the server
repairs whatever still comes, so that a worker of somebody else's loses nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.memory import MAX_MEMORY_KEY, MemoryType, fitting_key
from aiwebhook.domain.notes import Note, Notes, step
from aiwebhook.domain.plain_text import plain_line, plain_text
from aiwebhook.domain.repair import fitted, repaired
from aiwebhook.domain.usage import recorded

MAX_SAY = 2_000  # characters, as of every text below
MAX_MESSAGE = 20_000
MAX_REMEDY = 5_000
MAX_TAG = 100
MAX_TAGS = 50
MAX_MEMORIES = 2_000
MEMORY_BYTES = 256 * 1024
_INT4 = 2**31
_INT8 = 2**63

Json: TypeAlias = dict[str, Any]
FieldReader: TypeAlias = Callable[[object, Notes, str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalReport:
    """`body` has every field that a report of its kind may have, each of the right type."""

    body: Json
    notes: tuple[Note, ...]


def repair_completion(report: Mapping[str, Any], notes: Notes | None = None) -> TerminalReport:
    """The report of a success: output, say, memories, forget, usage, exit_code, messages_seen."""
    return _repair(report, _COMPLETION, notes)


def repair_failure(report: Mapping[str, Any], notes: Notes | None = None) -> TerminalReport:
    """The report of a failure: error_class, message, remedy, retryable, output, usage, exit_code.
    A failure without output has None.
    """
    return _repair(report, _FAILURE, notes)


def _repair(
    report: Mapping[str, Any], fields: Mapping[str, FieldReader], notes: Notes | None
) -> TerminalReport:
    made = Notes() if notes is None else notes
    made.take_json(report.get("notes"))
    unknown: Json = {k: v for k, v in report.items() if k not in fields and k != "notes"}
    given = dict(report)
    if unknown and given.get("output") is None:
        made.add("/output", "was missing; the fields that no report has are kept in its place.")
        given["output"] = unknown
        unknown = {}
    for name in unknown:
        made.add(step("", name), "is not a field of a report; it was left out.")
    body = {name: read(given.get(name), made, f"/{name}") for name, read in fields.items()}
    return TerminalReport(body=body, notes=made.taken())


# ── readers: any value in, a value of the right type out ──────────────────────────────────────────


def _output(value: object, notes: Notes, pointer: str) -> Json:
    if value is None:
        notes.add(pointer, "was missing; replaced by an empty object.")
        return {}
    return _object(value, notes, pointer)


def _object(value: object, notes: Notes, pointer: str) -> Json:
    whole = repaired(value, notes, pointer, depth=2)
    if isinstance(whole, dict):
        return cast("Json", whole)
    name = "text" if isinstance(whole, str) else "value"
    notes.add(pointer, f"was not an object; it is kept under {name}.")
    return {name: whole}


def _maybe_object(value: object, notes: Notes, pointer: str) -> Json | None:
    return None if value is None else _object(value, notes, pointer)


def _text(limit: int) -> FieldReader:
    """Text that people read: what a terminal would obey is removed from it."""

    def read(value: object, notes: Notes, pointer: str) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            notes.add(pointer, "was not text; it was left out.")
            return None
        whole: str = repaired(value, notes, pointer)
        plain = plain_text(whole, limit=limit)
        if len(whole) > limit:
            notes.add(pointer, f"had {len(whole)} characters; it was cut to {len(plain)}.")
        elif plain != whole:
            notes.add(pointer, "held control characters; they were removed.")
        return plain

    return read


def _message(value: object, notes: Notes, pointer: str) -> str:
    text = _text(MAX_MESSAGE)(value, notes, pointer)
    return text if text and text.strip() else "The run failed and did not say why."


def _error_class(value: object, notes: Notes, pointer: str) -> str:
    if isinstance(value, str) and value in list(ErrorClass):
        return value
    # `model` is what an agent's own error is: worth another try, and nothing is known against it.
    if value is None:
        notes.add(pointer, f"was missing; it is taken for {ErrorClass.MODEL}.")
    else:
        notes.add(pointer, f"was {value!r:.80}, which is not known; taken for {ErrorClass.MODEL}.")
    return ErrorClass.MODEL.value


def _boolean(value: object, notes: Notes, pointer: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    notes.add(pointer, "was neither true nor false; it was left out.")
    return None


def _whole_number(lowest: int, highest: int) -> FieldReader:
    def read(value: object, notes: Notes, pointer: str) -> int | None:
        if value is None:
            return None
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            notes.add(pointer, "was not an integer; it was left out.")
            return None
        number = int(cast("int | float", value))
        if not lowest <= number <= highest:
            notes.add(pointer, f"was not between {lowest} and {highest}; it was left out.")
            return None
        return number

    return read


def _items(value: object, notes: Notes, pointer: str, limit: int) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        notes.add(pointer, "was not a list; it is taken for its only item.")
        return [value]
    items = list(cast("list[object]", value))
    if len(items) > limit:
        notes.add(pointer, f"had {len(items)} items; the first {limit} are kept.")
    return items[:limit]


def _memories(value: object, notes: Notes, pointer: str) -> list[Json]:
    items = _items(value, notes, pointer, MAX_MEMORIES)
    found = (_memory(item, notes, step(pointer, index)) for index, item in enumerate(items))
    return [memory for memory in found if memory is not None]


def _memory(value: object, notes: Notes, pointer: str) -> Json | None:
    if not isinstance(value, Mapping):
        notes.add(pointer, "was not an object; it was left out.")
        return None
    given = cast("Mapping[str, object]", value)
    content = repaired(given.get("content"), notes, f"{pointer}/content", depth=4)
    if content in (None, "", {}):
        notes.add(f"{pointer}/content", "was missing or empty; the memory was left out.")
        return None
    if not isinstance(content, (str, dict)):
        notes.add(f"{pointer}/content", "was neither text nor an object; it is kept under value.")
        content = {"value": content}
    kind, tags = _memory_type(given, notes, pointer)
    return {
        "key": _key(given.get("key"), notes, f"{pointer}/key"),
        "type": kind,
        "content": fitted(content, MEMORY_BYTES, notes, f"{pointer}/content"),
        "tags": list(dict.fromkeys((*_tags(given.get("tags"), notes, f"{pointer}/tags"), *tags))),
        "source": _source(given.get("source"), notes, f"{pointer}/source"),
    }


def _memory_type(
    given: Mapping[str, object], notes: Notes, pointer: str
) -> tuple[str, tuple[str, ...]]:
    """An unknown type makes a note, with the type as a tag: as insights do it."""
    kind = given.get("type")
    if isinstance(kind, str) and kind in list(MemoryType):
        return kind, ()
    notes.add(f"{pointer}/type", f"was {kind!r:.80}, which is not known; it is a note.")
    name = plain_line(kind, limit=MAX_TAG) if isinstance(kind, str) else ""
    return MemoryType.NOTE.value, (name,) if name else ()


def _key(value: object, notes: Notes, pointer: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        notes.add(pointer, "was not text; the memory has a key of its own.")
        return None
    key = repaired(value, notes, pointer)
    if len(key) > MAX_MEMORY_KEY:
        notes.add(pointer, f"had {len(key)} characters; it was cut to {MAX_MEMORY_KEY}.")
    return fitting_key(key)


def _tags(value: object, notes: Notes, pointer: str) -> list[str]:
    listed = value.split(",") if isinstance(value, str) else value
    found: list[str] = []
    for index, tag in enumerate(_items(listed, notes, pointer, MAX_TAGS)):
        place = step(pointer, index)
        text = _text(MAX_TAG)(tag, notes, place)
        if text is not None and text.strip():
            found.append(text.strip())
    return found


def _source(value: object, notes: Notes, pointer: str) -> Json | None:
    source = _maybe_object(value, notes, pointer)
    return None if source is None else fitted(source, 16 * 1024, notes, pointer)


def _forget(value: object, notes: Notes, pointer: str) -> list[str]:
    keys: list[str] = []
    for index, item in enumerate(_items(value, notes, pointer, MAX_MEMORIES)):
        if isinstance(item, str) and item:
            keys.append(fitting_key(repaired(item, notes, step(pointer, index))))
        else:
            notes.add(step(pointer, index), "was not a key; it was left out.")
    return keys


def _usage(value: object, notes: Notes, pointer: str) -> Json | None:
    given = _maybe_object(value, notes, pointer)
    kept = recorded(given)
    if given is not None and kept is not None:
        for name in given:
            if name not in kept:
                notes.add(step(pointer, name), "was too large; it was left out.")
            elif given[name] and not kept[name]:
                notes.add(step(pointer, name), f"was no number that counts; it is {kept[name]!r}.")
    return kept


_BOTH: Mapping[str, FieldReader] = {
    "usage": _usage,
    "exit_code": _whole_number(-_INT4, _INT4 - 1),
}
_COMPLETION: Mapping[str, FieldReader] = {
    "output": _output,
    "say": _text(MAX_SAY),
    "memories": _memories,
    "forget": _forget,
    "messages_seen": _whole_number(0, _INT8 - 1),
    **_BOTH,
}
_FAILURE: Mapping[str, FieldReader] = {
    "error_class": _error_class,
    "message": _message,
    "remedy": _text(MAX_REMEDY),
    "retryable": _boolean,
    "output": _maybe_object,
    **_BOTH,
}
