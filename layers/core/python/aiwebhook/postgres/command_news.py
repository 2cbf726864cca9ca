"""The `NewsStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from aiwebhook.domain.news import COUNTED_UP_TO, MOST_TIMES
from aiwebhook.ports.command_rows import Acknowledged, Acknowledgement, Change, NewsPage, Reader
from aiwebhook.postgres.command_ledger import PostgresLedger


class PostgresCommandNews(PostgresLedger):
    """What a reader has not acknowledged."""

    def acknowledge(self, change: Change, acknowledgement: Acknowledgement) -> Acknowledged:
        """Never moves back; twice is once."""
        row = self._write(
            "acknowledge",
            change,
            {
                "principal": acknowledgement.reader.principal,
                "reader": acknowledgement.reader.name,
                "cursor": acknowledgement.cursor,
                "ids": list(acknowledgement.ids),
            },
        )
        if row is None:
            raise AssertionError("acknowledge.sql answers one row")
        return Acknowledged(**row)

    def session_news(
        self, *, project_id: str, session_id: str, reader: Reader, after_seq: int, limit: int
    ) -> NewsPage:
        """Of one session, for this reader."""
        rows = self._database.dicts(
            "session_news",
            {
                "project_id": project_id,
                "session_id": session_id,
                "principal": reader.principal,
                "reader": reader.name,
                "after_seq": after_seq,
                "limit": limit,
                "count_limit": COUNTED_UP_TO,
                "most_times": MOST_TIMES,
            },
        )
        return NewsPage(**rows[0]) if rows else NewsPage(news=[], last_seq=None, total=0)

    def project_news(
        self, *, project_id: str, reader: Reader, after_no: int, limit: int
    ) -> NewsPage:
        """Of all sessions, for the reader's principal."""
        (row,) = self._database.dicts(
            "project_news",
            {
                "project_id": project_id,
                "principal": reader.principal,
                "after_no": after_no,
                "limit": limit,
                "count_limit": COUNTED_UP_TO,
                "most_times": MOST_TIMES,
            },
        )
        return NewsPage(**row)
