"""The `Ledger` and `NewsStore` ports on a folder.

News are ends and questions of tasks. No task runs here, so there are none: replies carry none, and
there is nothing to acknowledge.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from aiwebhook.domain.event import EventType
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.json_store.store_base import Happened, JsonStoreBase
from aiwebhook.ports.command_rows import (
    Acknowledgement,
    AcknowledgeResult,
    Change,
    Reader,
    Settlement,
    StoredOutcome,
    Written,
)
from aiwebhook.ports.news_rows import ProjectNews, SessionNews, Settled

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingAhead:
    """No news were read ahead: settling reads what it needs."""

    def suffices(self, settlement: Settlement, *, changed: bool) -> Settled | None:
        del settlement, changed
        return None


class JsonLedger(JsonStoreBase):
    """Idempotency, transactions, and what follows a change."""

    @contextmanager
    def transaction(self) -> Generator[None]:
        """A savepoint within `atomically`."""
        with self._folder.undoing():
            yield

    def atomically(self, work: Callable[[], Done]) -> Done:
        """`work` as one change of the folder; an exception undoes it."""
        before = dict(self._outcomes)
        try:
            with self._folder.writing():
                return work()
        except BaseException:
            self._outcomes = before
            raise

    def lock_sessions(self, *, project_id: str, session_ids: Sequence[str]) -> None:
        """Who writes is alone already."""

    def reserve_key(self, change: Change) -> None:
        """Raises KeyTaken."""
        self._refuse_taken(change)

    def keep_outcome(self, change: Change, written: Written) -> None:
        """Remember the outcome under the reserved key."""
        self._remember(change, written)

    def find_outcome(
        self, *, project_id: str, key: str, valid_s: int = KEY_LIFE_S
    ) -> StoredOutcome | None:
        """What this process remembers of the last `valid_s` seconds."""
        del project_id
        return self._outcome(key, valid_s)

    def refuse_earlier_tries(self, change: Change) -> bool:
        """There are none on their way: requests are worked on one after the other."""
        key = change.idempotency
        return key is None or self._outcome(key.key, key.valid_s) is None

    def free_key(self, change: Change) -> None:
        """Forget the key if its time is over."""
        key = change.idempotency
        if key is not None and self._outcome(key.key, key.valid_s) is None:
            self._outcomes.pop(key.key, None)

    def run_ahead(self) -> None:
        """Nothing goes along with a statement here."""

    def find_news(self, settlement: Settlement, *, behind: bool = False) -> NothingAhead:
        del settlement, behind
        return NothingAhead()

    def settle(self, settlement: Settlement) -> Settled:
        """Paused sessions that something was added to go on. The cursor is the last `seq`."""
        for session_id in settlement.resumed:
            self._resume(settlement, session_id)
        if settlement.session_id is None:
            return Settled()
        with self._folder.reading():
            session = self._session(settlement.project_id, settlement.session_id)
            return Settled(cursor=None if session is None else self._last_seq(session))

    def _resume(self, settlement: Settlement, session_id: str) -> None:
        change = Change(
            project_id=settlement.project_id,
            session_id=session_id,
            request_id="",
            correlation_id=settlement.correlation_id,
        )
        with self._folder.writing():
            session = self._session(settlement.project_id, session_id)
            if session is not None and session.status == "paused":
                data = {"title": session.title}
                resumed = Happened(
                    type=EventType.SESSION_RESUMED, data=data, fields={"status": "active"}
                )
                self._record(change, session, resumed)

    def acknowledge(self, change: Change, acknowledgement: Acknowledgement) -> AcknowledgeResult:
        """No id is one of an update."""
        with self._folder.reading():
            session = self._session(change.project_id, change.session_id)
            last_seq = None if session is None else self._last_seq(session)
        return AcknowledgeResult(
            acknowledged=0, last_seq=last_seq, unknown=list(acknowledgement.ids)
        )

    def session_news(
        self, *, project_id: str, session_id: str, reader: Reader, after_seq: int, limit: int
    ) -> SessionNews | None:
        del reader, after_seq, limit
        with self._folder.reading():
            session = self._session(project_id, session_id)
            if session is None:
                return None
            return SessionNews(updates=(), total=0, pruned=0, last_seq=self._last_seq(session))

    def project_news(
        self, *, project_id: str, reader: Reader, after_no: int, limit: int
    ) -> ProjectNews:
        del project_id, reader, after_no, limit
        return ProjectNews(updates=(), total=0, pruned=0)
