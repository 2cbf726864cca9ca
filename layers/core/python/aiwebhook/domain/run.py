"""What a run is given (WIRE §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.lease import HEARTBEAT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """The answer to a claim or a start: the work, and the token that speaks for it."""

    project_id: str
    task_id: str
    session_id: str
    attempt_id: str
    lease_epoch: int
    lease_token: str
    agent: dict[str, Any]
    task_type: str | None
    description: str | None
    input: dict[str, Any]
    timeout_s: int
    correlation_id: str

    def __repr__(self) -> str:
        return f"RunInput({self.task_id}, epoch {self.lease_epoch})"  # neither token nor payload

    def as_json(self) -> dict[str, Any]:
        """RunInput of the Runs API."""
        return {
            "task_id": self.task_id,
            "session_id": self.session_id,
            "project_id": self.project_id,
            "attempt_id": self.attempt_id,
            "lease_epoch": self.lease_epoch,
            "lease_token": self.lease_token,
            "heartbeat_s": HEARTBEAT_S,
            "agent": self.agent,
            "task_type": self.task_type,
            "description": self.description,
            "input": self.input,
            "timeout_s": self.timeout_s,
            "correlation_id": self.correlation_id,
        }
