"""Port for what every command needs besides its own effect: idempotency, transactions, news."""

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
        """Acknowledge. Never moves back; repeating changes nothing."""
        ...

    def session_news(
        self, *, project_id: str, session_id: str, reader: Reader, after_seq: int, limit: int
    ) -> SessionNews | None:
        """News of one session for this reader; None: no such session."""
        ...

    def project_news(
        self, *, project_id: str, reader: Reader, after_no: int, limit: int
    ) -> ProjectNews:
        """News of all sessions for the reader's principal."""
        ...


class Ledger(Protocol):
    """Idempotency, transactions, and what follows a commit."""

    def transaction(self) -> AbstractContextManager[None]:
        """A savepoint within `atomically`: an exception undoes what was written inside it."""
        ...

    def atomically(self, work: Callable[[], Done]) -> Done:
        """Run `work` as one transaction; an exception rolls it back. `work` may run several
        times, so its other effects must be repeatable. Raises Collision when every try lost
        to another writer.
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
        """The outcome stored under this key in the last `valid_s` seconds."""
        ...

    def refuse_earlier_tries(self, change: Change) -> bool:
        """After a refusal: make tries of this key that arrived earlier take no effect. False: one
        of them already has, or another write holds the key.
        """
        ...

    def free_key(self, change: Change) -> None:
        """Delete the key if it has expired, or only keeps earlier tries from taking effect."""
        ...

    def run_ahead(self) -> None:
        """Run now what was waiting to go along with the next statement. Raises what it raises."""
        ...

    def find_news(self, settlement: Settlement, *, behind: bool = False) -> NewsAhead:
        """Read the reply's news along with the command's first statement, ahead of it or `behind`
        it, so that `settle` needs no round trip when it has nothing to write.
        """
        ...

    def settle(self, settlement: Settlement) -> Settled:
        """Delete pushed outbox rows, notify readers, take the news; call it after the commit.
        If it fails, no effect and no news is lost: the reaper sweeps, and unacknowledged news
        is sent again.
        """
        ...
