"""Reads of a project as a whole. All methods raise Unavailable when the database is unavailable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from aiwebhook.ports.command_rows import Page
from aiwebhook.ports.project_reads import (
    AuditFilter,
    AuditRow,
    FoundText,
    ProjectRow,
    UsageRow,
    UsageSpan,
)
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.keyset import keyset

SEARCHED_SESSIONS = 1_000
"""How many of the newest sessions are searched."""


class PostgresProjectReads:
    """Projects, their audit log, their usage, and where words occur."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_projects(self, page: Page) -> Sequence[ProjectRow]:
        """All projects, newest first."""
        return self._database.rows("list_projects", keyset(page), ProjectRow)

    def list_audit(self, *, project_id: str, wanted: AuditFilter, page: Page) -> Sequence[AuditRow]:
        """Entries of the audit log, newest first."""
        params = {"project_id": project_id, **asdict(wanted), **keyset(page)}
        return self._database.rows("list_audit", params, AuditRow)

    def sum_usage(
        self, *, project_id: str, by: str, span: UsageSpan, limit: int
    ) -> Sequence[UsageRow]:
        """The usage of runs, in total and by day, agent, session or key: the total first."""
        params = {"project_id": project_id, "by": by, "limit": limit, **asdict(span)}
        return self._database.rows("sum_usage", params, UsageRow)

    def search_project(
        self, *, project_id: str, words: Sequence[str], limit: int
    ) -> Sequence[FoundText]:
        """Where all words occur in the newest sessions, newest first."""
        params = {
            "project_id": project_id,
            "words": list(words),
            "sessions": SEARCHED_SESSIONS,
            "limit": limit,
        }
        return self._database.rows("search_project", params, FoundText)
