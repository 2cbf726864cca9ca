"""What the end of an attempt leads to: pure decisions, each with its reason.

The statements finish the decision on the locked row (was a cancel requested, are attempts left),
because only there the answer cannot be out of date.
"""

# reason: every way an attempt may end stands side by side, so that they can be compared

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ErrorClass(StrEnum):
    """Why a run failed (requirement T6)."""

    AUTH = "auth"
    """The provider refused the credentials."""
    MODEL = "model"
    """The model, or the agent around it, gave up with an error of its own."""
    RATE_LIMIT = "rate_limit"
    """The provider wants us to slow down."""
    OVERLOADED = "overloaded"
    """The provider has no capacity just now."""
    SERVER = "server"
    """The provider failed."""
    NETWORK = "network"
    """A connection could not be made, or broke."""
    CONTEXT = "context"
    """The input does not fit into the model's context."""
    MAX_TURNS = "max_turns"
    """The agent used up its turns."""
    TRUNCATED = "truncated"
    """The answer was cut off."""
    REFUSED = "refused"
    """The model refused to do this."""
    CANCELLED = "cancelled"
    """Somebody asked the run to stop."""
    TIMEOUT = "timeout"
    """Time ran out: the run's own, or the task's deadline."""
    OOM = "oom"
    """The run needed more memory than it has."""
    KILLED = "killed"
    """The run was killed from outside."""
    BAD_OUTPUT = "bad_output"
    """The agent's output could not be read."""
    NO_RESULT = "no_result"
    """The agent ended without a result."""
    BUDGET = "budget"
    """The budget is spent."""
    LOST = "lost"
    """The run fell silent, or never reported in."""
    LAUNCH = "launch"
    """The runtime refused to start the run."""
    DEPENDENCY_FAILED = "dependency_failed"
    """A task this one depends on did not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Whether trying again may help, and what a person can do."""

    retryable: bool
    remedy: str


_RULES: Mapping[ErrorClass, _Rule] = {
    ErrorClass.AUTH: _Rule(
        retryable=False,
        remedy="Check the agent's provider key ('aiwebhook doctor'), then retry the task.",
    ),
    ErrorClass.MODEL: _Rule(
        retryable=True, remedy="Read the run's log; rephrase the task if it repeats."
    ),
    ErrorClass.RATE_LIMIT: _Rule(
        retryable=True, remedy="Nothing to do now; lower the agent's max_concurrent if it repeats."
    ),
    ErrorClass.OVERLOADED: _Rule(
        retryable=True, remedy="Nothing to do now; retry later if it repeats."
    ),
    ErrorClass.SERVER: _Rule(
        retryable=True, remedy="Nothing to do now; retry later if it repeats."
    ),
    ErrorClass.NETWORK: _Rule(
        retryable=True, remedy="Check that the runner can reach the internet."
    ),
    ErrorClass.CONTEXT: _Rule(retryable=False, remedy="Give the task less input, or split it."),
    ErrorClass.MAX_TURNS: _Rule(retryable=False, remedy="Split the task into smaller ones."),
    ErrorClass.TRUNCATED: _Rule(retryable=True, remedy="Ask for a shorter result."),
    ErrorClass.REFUSED: _Rule(
        retryable=False, remedy="Rephrase the task, or give it to another agent."
    ),
    ErrorClass.CANCELLED: _Rule(
        retryable=False, remedy="Retry the task if it is wanted after all."
    ),
    ErrorClass.TIMEOUT: _Rule(
        retryable=False, remedy="Raise timeout_s or the deadline, or split the task."
    ),
    ErrorClass.OOM: _Rule(
        retryable=False, remedy="Raise memory_mib in the agent's manifest, then retry."
    ),
    ErrorClass.KILLED: _Rule(
        retryable=True, remedy="Retry the task; read the run's log if it repeats."
    ),
    ErrorClass.BAD_OUTPUT: _Rule(
        retryable=True, remedy="Read the run's log; mend the agent if it repeats."
    ),
    ErrorClass.NO_RESULT: _Rule(
        retryable=True, remedy="Read the run's log; mend the agent if it repeats."
    ),
    ErrorClass.BUDGET: _Rule(retryable=False, remedy="Raise the budget, then retry the task."),
    ErrorClass.LOST: _Rule(
        retryable=True, remedy="Retry the task; read the run's log if it repeats."
    ),
    ErrorClass.LAUNCH: _Rule(
        retryable=True, remedy="Check the account's Fargate quotas and the agent's compute size."
    ),
    ErrorClass.DEPENDENCY_FAILED: _Rule(
        retryable=False, remedy="Retry the task it depends on, then this one."
    ),
}

# Caps in seconds before attempt 2, 3, 4, later; the wait is a random part of the cap ("full
# jitter"), so that many runs that failed together do not come back together. A reaper's tick (60 s)
# is the grain of it anyway.
RETRY_LADDER = (30.0, 120.0, 600.0, 3600.0)
# A provider that asks for quiet gets more of it from the start.
QUIET_LADDER = (120.0, 600.0, 1800.0, 3600.0)
# A launch refused for lack of capacity costs no attempt; come back within about half a minute.
REFUSED_LADDER = (30.0,)
_OUT_OF_MEMORY = "OutOfMemory"  # in the container's reason: how ECS explains exit code 137
AT_ONCE: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """What went wrong, told to people."""

    error_class: ErrorClass
    message: str
    remedy: str
    retryable: bool

    @classmethod
    def of(cls, error_class: ErrorClass, message: str) -> RunError:
        """With the remedy and the retryability of its class."""
        rule = _RULES[error_class]
        return cls(
            error_class=error_class, message=message, remedy=rule.remedy, retryable=rule.retryable
        )

    def as_json(self) -> dict[str, Any]:
        """The `error` object of results and events."""
        return {
            "error_class": self.error_class.value,
            "message": self.message,
            "remedy": self.remedy,
            "retryable": self.retryable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How an attempt ended, and what may come next. The statement adds: cancelled if that was
    requested, failed if no attempt is left."""

    attempt_status: str
    """`failed`, `released`, `cancelled` by the run's own word; `lost` when we had to end it."""
    error: RunError | None
    charged: bool
    """It counts against max_attempts."""
    retryable: bool
    cancelled: bool = False
    ladder: Sequence[float] = AT_ONCE
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureReport:
    """What a run says about its own failure; None: the class decides."""

    error_class: ErrorClass
    message: str
    remedy: str | None = None
    retryable: bool | None = None
    exit_code: int | None = None
    usage: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedRun:
    """An ECS task that stopped (research/aws.md §5)."""

    attempt_id: str
    stop_code: str | None = None
    exit_code: int | None = None
    stopped_reason: str = ""


CANCELLED_ERROR = RunError.of(ErrorClass.CANCELLED, "The task was cancelled on request.")
OVERDUE_ERROR = RunError.of(ErrorClass.TIMEOUT, "The task's deadline passed before it was done.")
UNSTARTED_ERROR = RunError.of(ErrorClass.LOST, "The run was launched but never reported in.")
SILENT_ERROR = RunError.of(ErrorClass.LOST, "The run stopped sending heartbeats.")
RELEASED = Verdict(
    attempt_status="released",
    error=None,
    charged=False,
    retryable=True,
    reason="the run handed the task back unharmed",
)
STALE = Verdict(
    attempt_status="lost",
    error=SILENT_ERROR,
    charged=True,
    retryable=True,
    ladder=AT_ONCE,
    reason="the lease ran out; the wait was long enough already",
)


def decide_failure(report: FailureReport) -> Verdict:
    """What a failure that the run reported itself leads to."""
    rule = _RULES[report.error_class]
    retryable = rule.retryable if report.retryable is None else report.retryable
    error = RunError(
        error_class=report.error_class,
        message=report.message,
        remedy=report.remedy or rule.remedy,
        retryable=retryable,
    )
    if report.error_class is ErrorClass.CANCELLED:
        return Verdict(
            attempt_status="cancelled",
            error=error,
            charged=True,
            retryable=False,
            cancelled=True,
            reason="the run stopped because it was asked to",
        )
    quiet = report.error_class in (ErrorClass.RATE_LIMIT, ErrorClass.OVERLOADED)
    return Verdict(
        attempt_status="failed",
        error=error,
        charged=True,
        retryable=retryable,
        ladder=QUIET_LADDER if quiet else RETRY_LADDER,
        reason=f"{report.error_class.value} is {'worth another try' if retryable else 'final'}",
    )


def decide_refusal(*, reason: str, retryable: bool) -> Verdict:
    """What a refused launch leads to: no capacity costs no attempt, "never in this form" does."""
    return Verdict(
        attempt_status="released" if retryable else "failed",
        error=RunError.of(ErrorClass.LAUNCH, f"The run could not be launched: {reason}"),
        charged=not retryable,
        retryable=True,
        ladder=REFUSED_LADDER if retryable else RETRY_LADDER,
        reason="no capacity just now" if retryable else "the runtime will not take it in this form",
    )


def decide_stop(stop: StoppedRun) -> Verdict:
    """What a container that stopped without a report of its own leads to."""
    detail = stop.stopped_reason or stop.stop_code or "no reason given"
    if stop.stop_code == "SpotInterruption":
        return _stopped(
            ErrorClass.KILLED, detail, charged=False, reason="taken back by AWS; not its fault"
        )
    if stop.stop_code == "TaskFailedToStart":
        return _stopped(
            ErrorClass.LAUNCH, detail, ladder=RETRY_LADDER, reason="the container never started"
        )
    if stop.stop_code == "UserInitiated":
        return _stopped(ErrorClass.CANCELLED, detail, cancelled=True, reason="stopped by hand")
    if _OUT_OF_MEMORY in detail:
        return _stopped(ErrorClass.OOM, detail, reason="killed by the kernel for its memory")
    if stop.exit_code == 137:
        # 128 + SIGKILL, and ECS names no lack of memory: the host failed, or somebody killed it.
        # Should it have been memory all the same, trying again costs the attempts that are left.
        return _stopped(
            ErrorClass.KILLED, detail, ladder=RETRY_LADDER, reason="killed from outside"
        )
    code = "unknown" if stop.exit_code is None else str(stop.exit_code)
    return _stopped(
        ErrorClass.LOST,
        f"exit code {code}; {detail}",
        ladder=RETRY_LADDER,
        reason="the runner crashed",
    )


def _stopped(  # noqa: PLR0913 - what differs between stops, by keyword
    error_class: ErrorClass,
    detail: str,
    *,
    reason: str,
    charged: bool = True,
    cancelled: bool = False,
    ladder: Sequence[float] = AT_ONCE,
) -> Verdict:
    error = RunError.of(error_class, f"The container stopped: {detail}")
    return Verdict(
        attempt_status="lost",
        error=error,
        charged=charged,
        retryable=error.retryable,
        cancelled=cancelled,
        ladder=ladder,
        reason=reason,
    )
