"""Port to the runtime of runs: ECS Fargate, or child processes on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aiwebhook.domain.attempt import AttemptVerdict, decide_refusal
from aiwebhook.domain.failure import ErrorClass

RUN_CONTAINER = "runner"
"""The container of a run that works on the task; the others support it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRequest:
    """One attempt to launch. `attempt_id` is the client token: a repetition starts nothing more."""

    attempt_id: str
    project_id: str
    task_id: str
    agent_name: str
    bootstrap_code: str
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """The runtime accepted it; `runtime_ref` is the ARN of the ECS task."""

    runtime_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRefused:
    """The runtime refused it. `retryable`: it is full just now, as opposed to a request that can
    never succeed. `remedy`: set where that of the error class does not fit.
    """

    reason: str
    retryable: bool
    error_class: ErrorClass = ErrorClass.LAUNCH
    remedy: str | None = None

    def verdict(self) -> AttemptVerdict:
        """What the refusal means for the attempt."""
        return decide_refusal(
            reason=self.reason,
            retryable=self.retryable,
            error_class=self.error_class,
            remedy=self.remedy,
        )


class TaskLauncher(Protocol):
    """Launches runs. Never waits until the run is up."""

    def launch(self, request: LaunchRequest) -> Launched | LaunchRefused:
        """Start one run, idempotent by `attempt_id`.

        Raises Unavailable when the outcome is unknown.
        """
        ...
