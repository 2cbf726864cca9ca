"""Splits server-sent events out of pieces of any size (WHATWG HTML, "Server-sent events")."""

from collections.abc import Iterator

LONGEST_EVENT = 32 * 1024 * 1024
"""A longer line is skipped: it cannot be metered, and must not fill the memory."""


class EventSplitter:
    """Returns the data of each event as soon as its last byte arrives, wherever
    the pieces are cut.
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._skipping = False
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The data of the events that end in this piece."""
        first, *rest = piece.split(b"\n")
        self._extend(first)
        for part in rest:
            yield from self._line_ended()
            self._extend(part)

    def _extend(self, part: bytes) -> None:
        if self._skipping or len(self._line) + len(part) > LONGEST_EVENT:
            self._skipping = True
            self._line.clear()
        else:
            self._line += part

    def _line_ended(self) -> Iterator[bytes]:
        line = bytes(self._line).removesuffix(b"\r")
        skipped, self._skipping = self._skipping, False
        self._line.clear()
        if skipped:
            return
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            yield b"\n".join(self._data)
            self._data.clear()
