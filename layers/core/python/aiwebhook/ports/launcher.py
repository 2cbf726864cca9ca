"""Port to the place where runs happen: ECS Fargate, or child processes on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aiwebhook.domain.attempt import AttemptVerdict, decide_refusal
from aiwebhook.domain.failure import ErrorClass

RUN_CONTAINER = "runner"
"""Of a run's containers the one that works on the task; others serve it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRequest:
    """One attempt to be started. `attempt_id` is the client token: asking twice starts it once."""

    attempt_id: str
    project_id: str
    task_id: str
    agent_name: str
    bootstrap_code: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """The runtime took it; `runtime_ref` is the ARN of the ECS task."""

    runtime_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRefused:
    """The runtime said no. `retryable` distinguishes "full just now" from "never in this form".
    `remedy` where that of the class does not fit.
    """

    reason: str
    retryable: bool
    error_class: ErrorClass = ErrorClass.LAUNCH
    remedy: str | None = None

    def verdict(self) -> AttemptVerdict:
        """What it leads to for the attempt."""
        return decide_refusal(
            reason=self.reason,
            retryable=self.retryable,
            error_class=self.error_class,
            remedy=self.remedy,
        )


class TaskLauncher(Protocol):
    """Starts runs. Never blocks until the run is up."""

    def launch(self, request: LaunchRequest) -> Launched | LaunchRefused:
        """Start one run, idempotent by `attempt_id`.

        Raises Unavailable when the outcome is unknown.
        """
        ...
