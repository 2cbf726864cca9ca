"""Rows of the statements that write for commands, and the writes they report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiwebhook.ports.command_rows import Json, Written, WrittenTask
from aiwebhook.postgres.outbox_rows import outbox_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRow:
    """What a write of session content returns."""

    data: Json
    cursor: int | None
    outbox: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTaskRow(WrittenRow):
    """What a write to a task returns."""

    session_id: str

    def read(self) -> WrittenTask:
        """The write that this row reports."""
        return WrittenTask(
            data=self.data,
            cursor=self.cursor,
            outbox=outbox_rows(self.outbox),
            session_id=self.session_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledRow(WrittenTaskRow):
    """`has_dependants`: it ended the task, and others wait for it."""

    has_dependants: bool

    def read(self) -> WrittenTask:
        """The write that this row reports."""
        return replace(WrittenTaskRow.read(self), has_dependants=self.has_dependants)


def written(row: WrittenRow | None) -> Written | None:
    """The write that this row reports."""
    if row is None:
        return None
    return Written(data=row.data, cursor=row.cursor, outbox=outbox_rows(row.outbox))
