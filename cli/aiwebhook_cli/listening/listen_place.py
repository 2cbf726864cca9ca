"""Where a listener stands, as its machine keeps it: what was done and the server was not told yet.

The server has the channel's place; a client that is killed between its target's answer and the
acknowledgement finds here what it need not hand on again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiwebhook.private_file import write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenPlace:
    """Everything up to `cursor` is done. `done`: cursors that the server was not told, each with
    the reason of a failure. Both hold under `lease_epoch`.
    """

    cursor: str | None = None
    lease_epoch: int = 0
    done: Mapping[str, str | None] = field(default_factory=dict[str, str | None])

    def claimed(self, lease_epoch: int) -> ListenPlace:
        """The place under a new lease. What is done counts only where nobody else held the channel
        in between: another may have rewound it, to be told anew.
        """
        follows = lease_epoch - self.lease_epoch in (0, 1)
        return replace(self, lease_epoch=lease_epoch, done=self.done if follows else {})


class ListenPlaceFile:
    """One place on disk; without a path it is forgotten with the process."""

    def __init__(self, path: Path | None, *, hint: Callable[[str], None]) -> None:
        """`hint` takes a sentence for whoever watches."""
        self._path, self._hint = path, hint

    def load(self) -> ListenPlace:
        """What was kept; nothing where that cannot be read."""
        if self._path is None:
            return ListenPlace()
        try:
            return _place(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):
            return ListenPlace()

    def begin(self, place: ListenPlace) -> None:
        """Keep the place of a lease that was granted just now."""
        if self._path is None:
            return
        kept = {"cursor": place.cursor, "lease_epoch": place.lease_epoch, "done": {**place.done}}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(self._path, json.dumps(kept))
        except OSError as exc:
            # At least once holds by the server's place alone.
            self._hint(f"Where this client stands cannot be kept in {self._path}: {exc.strerror}.")
            self._path = None

    def save(self, place: ListenPlace) -> None:
        """Keep it, unless another client of this machine has held the channel since."""
        if self.load().lease_epoch <= place.lease_epoch:
            self.begin(place)


def _place(kept: dict[str, Any]) -> ListenPlace:
    cursor, done = kept["cursor"], kept["done"]
    return ListenPlace(
        cursor=cursor if isinstance(cursor, str) else None,
        lease_epoch=int(kept["lease_epoch"]),
        done={str(each): None if reason is None else str(reason) for each, reason in done.items()},
    )
