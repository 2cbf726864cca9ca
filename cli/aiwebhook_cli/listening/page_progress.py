"""How far a page of deliveries is: what is done, and what of it the server is to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
_REMEMBERED = 200


class PageProgress:
    """Deliveries end in any order; a channel moves only behind those that are done without a gap.

    `done` has the cursors of which the server was not told, each with the reason of a failure.
    """

    def __init__(self, items: Sequence[Json], done: Mapping[str, str | None]) -> None:
        self._items = items
        self.done = dict(list(done.items())[-_REMEMBERED:])
        self.left = [item for item in items if item["cursor"] not in self.done]
        """Those that are to be handed on."""
        self._told = self._gapless = 0
        self._pass_done()

    @property
    def cursor(self) -> str | None:
        """Everything of the page up to it is done; None: not even its first."""
        return self._items[self._gapless - 1]["cursor"] if self._gapless else None

    def finish(self, delivery: Json, failure: str | None) -> None:
        """It is done, or with a failure passed over."""
        self.done[delivery["cursor"]] = failure
        self._pass_done()

    def due(self) -> list[tuple[Json, str | None]]:
        """What to acknowledge, in order: each failure, and the last of those without a gap."""
        done = [
            (item, self.done[item["cursor"]]) for item in self._items[self._told : self._gapless]
        ]
        return [each for number, each in enumerate(done, 1) if each[1] or number == len(done)]

    def acknowledged(self, cursor: str) -> None:
        """The server knows of everything up to it."""
        while self._told < self._gapless:
            item = self._items[self._told]
            self.done.pop(item["cursor"], None)
            self._told += 1
            if item["cursor"] == cursor:
                return

    def _pass_done(self) -> None:
        while (
            self._gapless < len(self._items) and self._items[self._gapless]["cursor"] in self.done
        ):
            self._gapless += 1
