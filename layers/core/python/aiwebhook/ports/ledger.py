"""Port to what every command needs beside its own effect: idempotency, transactions, news."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.ports.command_rows import (
    Acknowledgement,
    AcknowledgeResult,
    Change,
    NewsAhead,
    Reader,
    Settlement,
    StoredOutcome,
    Written,
)
from aiwebhook.ports.news_rows import ProjectNews, SessionNews, Settled

Done = TypeVar("Done")


class NewsStore(Protocol):
    """What a reader has not acknowledged."""

    def acknowledge(self, change: Change, acknowledgement: Acknowledgement) -> AcknowledgeResult:
        """Never moves back; twice is once."""
        ...

    def session_news(
        self, *, project_id: str, session_id: str, reader: Reader, after_seq: int, limit: int
    ) -> SessionNews | None:
        """Of one session, for this reader; None: no such session."""
        ...

    def project_news(
        self, *, project_id: str, reader: Reader, after_no: int, limit: int
    ) -> ProjectNews:
        """Of all sessions, for the reader's principal."""
        ...


class Ledger(Protocol):
    """Idempotency, transactions, and what follows a commit."""

    def transaction(self) -> AbstractContextManager[None]:
        """Within `atomically`: an exception undoes what was written since the beginning of this."""
        ...

    def atomically(self, work: Callable[[], Done]) -> Done:
        """`work` as one transaction; an exception undoes it. It may go again: what it does besides
        writing here must bear that. Raises Collision when every try lost to another writer.
        """
        ...

    def lock_sessions(self, *, project_id: str, session_ids: Sequence[str]) -> None:
        """Inside a transaction: keep other writers out of these sessions until it ends."""
        ...

    def reserve_key(self, change: Change) -> None:
        """Inside a transaction: take the idempotency key. Raises KeyTaken, Conflict
        while in flight.
        """
        ...

    def keep_outcome(self, change: Change, written: Written) -> None:
        """Inside the same transaction: store the outcome under the reserved key."""
        ...

    def find_outcome(
        self, *, project_id: str, key: str, valid_s: int = KEY_LIFE_S
    ) -> StoredOutcome | None:
        """The outcome of a write of the last `valid_s` seconds."""
        ...

    def refuse_earlier_tries(self, change: Change) -> bool:
        """A try of this key was refused: those that arrived before it take no effect any more.
        False: one of them took it, or another write has the key.
        """
        ...

    def free_key(self, change: Change) -> None:
        """Drop the key if its time is over, or if it only refuses tries that arrived earlier."""
        ...

    def run_ahead(self) -> None:
        """What was to go along with the next statement runs now. Raises what it raises."""
        ...

    def find_news(self, settlement: Settlement, *, behind: bool = False) -> NewsAhead:
        """The news for the reply go along with the command's first statement, ahead of it or
        `behind`. `settle` needs no round trip where that is all there is to do.
        """
        ...

    def settle(self, settlement: Settlement) -> Settled:
        """After the commit. Losing it loses no effect and no news: the reaper sweeps, and what was
        not acknowledged is told again.
        """
        ...
