"""What a run is given (docs/wire.md), defined once: a field of `RunTask` is a column of
parts/work.sql, part of the answer to a claim or a start, and there for the runner to read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

MAX_CONTEXT_PAGE = 200
"""Chunks of conversation in one answer to a run that reads its session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """The task and the attempt, by the names of the wire. A default is what an answer of an older
    deployment means, which lacks the field.
    """

    task_id: str
    session_id: str
    project_id: str
    attempt_id: str
    attempt: int = 1
    """1 for the first; an attempt that was handed back does not count."""
    lease_epoch: int
    task_type: str | None = None
    description: str | None = None
    input: dict[str, Any] = field(repr=False)
    timeout_s: int
    max_cost_usd: float | None = None
    """Of the task; None: what the agent's manifest says."""
    correlation_id: str

    def values(self) -> dict[str, Any]:
        """These fields by name, for a class that has more of them."""
        return {one.name: getattr(self, one.name) for one in fields(RunTask)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What an earlier attempt left behind; `url` is a pre-signed GET of its archive."""

    data: dict[str, Any] = field(repr=False)
    url: str | None = field(default=None, repr=False)  # it opens the archive to whoever has it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput(RunTask):
    """The answer to a claim or a start: the work, and the token that speaks for it."""

    lease_token: str
    heartbeat_s: int
    agent: dict[str, Any]
    repository: dict[str, Any] | None
    """{repo, ref, pr}"""
    checkpoint: Checkpoint | None

    def __repr__(self) -> str:
        return f"RunInput({self.task_id}, epoch {self.lease_epoch})"  # neither token nor payload

    def as_json(self) -> dict[str, Any]:
        """RunInput of the Runs API."""
        found = self.checkpoint
        return {one.name: getattr(self, one.name) for one in fields(self)} | {
            "checkpoint": found and {"data": found.data, "url": found.url}
        }
