"""What was changed, cut or left out of a report so that it could be kept: a result's `notes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from aiwebhook.domain.storable import storable_text

MAX_NOTES = 50
_POINTER_CHARS = 200
_MESSAGE_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One change. `pointer` is a JSON pointer (RFC 6901) into the report."""

    pointer: str
    message: str

    def as_json(self) -> dict[str, str]:
        """As results and callbacks show it."""
        return {"pointer": self.pointer, "message": self.message}


class Notes:
    """Collects up to 50 notes, each once; beyond that it counts."""

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        self._notes: dict[Note, None] = dict.fromkeys(notes)
        self._more = 0

    def add(self, pointer: str, message: str) -> None:
        """Note a change; names that strangers chose may stand in both."""
        note = Note(
            pointer=_short(pointer, _POINTER_CHARS), message=_short(message, _MESSAGE_CHARS)
        )
        if note in self._notes:
            return
        if len(self._notes) < MAX_NOTES:
            self._notes[note] = None
        else:
            self._more += 1

    def extend(self, notes: Iterable[Note], *, below: str = "") -> None:
        """Note what somebody else noted; `below` is put before each pointer."""
        for note in notes:
            self.add(below + note.pointer, note.message)

    def take_json(self, value: object) -> None:
        """The notes that a report brought along, as far as they can be read."""
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        for item in items:
            if isinstance(item, Mapping):
                fields = cast("Mapping[str, object]", item)
                self.add(str(fields.get("pointer") or ""), str(fields.get("message") or ""))
            elif item is not None:
                self.add("", str(item))

    def taken(self) -> tuple[Note, ...]:
        """All of them, with a last one that counts the rest."""
        if not self._more:
            return tuple(self._notes)
        rest = Note(pointer="", message=f"{self._more} more changes are not listed.")
        return (*self._notes, rest)

    def as_json(self) -> list[dict[str, str]] | None:
        """None where there are none, so that nothing is stored."""
        return [note.as_json() for note in self.taken()] or None


def step(pointer: str, name: object) -> str:
    """The pointer one level further, escaped as RFC 6901 wants it."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def _short(text: str, limit: int) -> str:
    plain = "".join(c if c.isprintable() else "\ufffd" for c in storable_text(text[: limit + 1]))
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
