"""What a run is given (docs/wire.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.lease import HEARTBEAT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What an earlier attempt left behind; `url` is a pre-signed GET of its archive."""

    data: dict[str, Any]
    url: str | None = None

    def __repr__(self) -> str:
        return f"Checkpoint({sorted(self.data)})"  # the URL opens the archive to whoever has it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """The answer to a claim or a start: the work, and the token that speaks for it."""

    project_id: str
    task_id: str
    session_id: str
    attempt_id: str
    attempt: int
    """1 for the first; an attempt that was handed back does not count."""
    lease_epoch: int
    lease_token: str
    agent: dict[str, Any]
    task_type: str | None
    description: str | None
    input: dict[str, Any]
    timeout_s: int
    repository: dict[str, Any] | None
    """{repo, ref, pr}"""
    max_cost_usd: float | None
    """Of the task; None: what the agent's manifest says."""
    correlation_id: str
    checkpoint: Checkpoint | None

    def __repr__(self) -> str:
        return f"RunInput({self.task_id}, epoch {self.lease_epoch})"  # neither token nor payload

    def as_json(self) -> dict[str, Any]:
        """RunInput of the Runs API."""
        checkpoint = self.checkpoint
        return {
            "task_id": self.task_id,
            "session_id": self.session_id,
            "project_id": self.project_id,
            "attempt_id": self.attempt_id,
            "attempt": self.attempt,
            "lease_epoch": self.lease_epoch,
            "lease_token": self.lease_token,
            "heartbeat_s": HEARTBEAT_S,
            "agent": self.agent,
            "task_type": self.task_type,
            "description": self.description,
            "input": self.input,
            "timeout_s": self.timeout_s,
            "repository": self.repository,
            "max_cost_usd": self.max_cost_usd,
            "correlation_id": self.correlation_id,
            "checkpoint": checkpoint and {"data": checkpoint.data, "url": checkpoint.url},
        }
