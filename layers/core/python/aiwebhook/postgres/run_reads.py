"""What a run reads of its task and its session. None: the lease is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.queue_rows import (
    ContextPage,
    Json,
    KnownMemory,
    RunChunk,
    RunMessage,
    RunSession,
    RunWork,
)
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call, Params
from aiwebhook.postgres.run_rows import MessageRow, OutputSchemaRow, lease_arrays

MEMORY_LIMIT = 5000  # per run; more than any agent could use


class PostgresRunReads:
    """Base class of stores for runs."""

    _database: Database

    def run_work(self, lease: RunLease) -> RunWork | None:
        return self._database.row("run_work", asdict(lease), RunWork)

    def run_context(self, lease: RunLease, *, after: int, limit: int) -> ContextPage | None:
        """The session and up to `limit` chunks with seq > `after`; on the first page
        also the memories.
        """
        params = {**asdict(lease), "after": after, "limit": limit}
        calls: list[Call[Any]] = [self._run_session(params), self._run_chunks(params)]
        if after <= 0:
            calls.append(self._run_memories(params))
        session, chunks, *memories = self._database.together(*calls)
        if session is None:
            return None
        return ContextPage(session=session, chunks=chunks, memories=memories[0] if memories else [])

    def _run_session(self, params: Params) -> Call[RunSession | None]:
        return Call.row("run_session", params, RunSession)

    def _run_chunks(self, params: Params) -> Call[list[RunChunk]]:
        return Call.rows("run_chunks", params, RunChunk)

    def _run_memories(self, params: Params) -> Call[list[KnownMemory]]:
        bounded = {**params, "limit": MEMORY_LIMIT}
        return Call.rows("run_memories", bounded, KnownMemory)

    def run_messages(self, lease: RunLease, *, after: int) -> list[RunMessage] | None:
        """The next follow-ups numbered above `after`, in order; an empty list: there are none."""
        rows = self._database.rows("run_messages", {**asdict(lease), "after": after}, MessageRow)
        return [message for row in rows if (message := row.found)] if rows else None

    def run_output_schemas(self, leases: Sequence[RunLease]) -> dict[RunLease, Json]:
        """output_schema of their agents; {} accepts any output. Lost leases are left out."""
        rows = self._database.rows("run_output_schemas", lease_arrays(leases), OutputSchemaRow)
        return {row.lease: row.output_schema for row in rows}
