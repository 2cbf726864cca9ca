"""The `NewsStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.domain.news import MOST_TIMES, NEWS_COUNTED_UP_TO
from aiwebhook.ports.command_rows import Acknowledgement, AcknowledgeResult, Change, Json, Reader
from aiwebhook.ports.news_rows import ProjectNews, SessionNews
from aiwebhook.postgres.command_ledger import PostgresLedger
from aiwebhook.postgres.news_rows import updates_elsewhere_of, updates_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _SessionNewsRow:
    news: list[Json]
    last_seq: int
    total: int
    pruned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProjectNewsRow:
    news: list[Json]
    last_seq: None
    total: int
    pruned: int


class PostgresCommandNews(PostgresLedger):
    """Updates that a reader has not acknowledged."""

    def acknowledge(self, change: Change, acknowledgement: Acknowledgement) -> AcknowledgeResult:
        """Acknowledge. Never moves back; repeating changes nothing."""
        row = self._write(
            "acknowledge",
            change,
            {
                "principal": acknowledgement.reader.principal,
                "reader": acknowledgement.reader.name,
                "cursor": acknowledgement.cursor,
                "ids": list(acknowledgement.ids),
            },
            AcknowledgeResult,
        )
        if row is None:
            raise AssertionError("acknowledge.sql has one row")
        return row

    def session_news(
        self, *, project_id: str, session_id: str, reader: Reader, after_seq: int, limit: int
    ) -> SessionNews | None:
        """Updates of one session for this reader."""
        row = self._database.row(
            "session_news",
            {
                "project_id": project_id,
                "session_id": session_id,
                "principal": reader.principal,
                "reader": reader.name,
                "after_seq": after_seq,
                "limit": limit,
                "count_limit": NEWS_COUNTED_UP_TO,
                "most_times": MOST_TIMES,
            },
            _SessionNewsRow,
        )
        if row is None:
            return None
        return SessionNews(
            updates=updates_of(row.news),
            total=row.total,
            pruned=row.pruned,
            last_seq=row.last_seq,
        )

    def project_news(
        self, *, project_id: str, reader: Reader, after_no: int, limit: int
    ) -> ProjectNews:
        """Updates of all sessions for the reader's principal."""
        row = self._database.only(
            "project_news",
            {
                "project_id": project_id,
                "principal": reader.principal,
                "after_no": after_no,
                "limit": limit,
                "count_limit": NEWS_COUNTED_UP_TO,
                "most_times": MOST_TIMES,
            },
            _ProjectNewsRow,
        )
        return ProjectNews(
            updates=updates_elsewhere_of(row.news), total=row.total, pruned=row.pruned
        )
