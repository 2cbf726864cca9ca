"""What the end of an attempt leads to: pure decisions, each with its reason.

The statements complete the decision on the locked row (was a cancel requested, are attempts left),
because only there can the answer not be out of date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.failure import NOT_LAUNCHED, RULES, ErrorClass, RunError

__all__ = [
    "AttemptVerdict",
    "ErrorClass",
    "FailureReport",
    "RunError",
    "decide_failure",
    "decide_refusal",
]


REAPER_TICK_S = 60  # between two ticks of the reaper
# Caps in seconds before attempt 2, 3, 4, later; the wait is a random part of the cap ("full
# jitter"), so that many runs that failed together do not come back together.
RETRY_LADDER = (30.0, 120.0, 600.0, 3600.0)
# A provider that asks us to slow down gets longer waits from the start.
QUIET_LADDER = (120.0, 600.0, 1800.0, 3600.0)
# A launch refused for lack of capacity costs no attempt; retry within about half a minute.
REFUSED_LADDER = (30.0,)
NO_WAIT: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptVerdict:
    """How an attempt ended, and what may come next. The statement adds: cancelled if that was
    requested, failed if no attempt is left."""

    attempt_status: str
    """`failed`, `released`, `cancelled` by the run's own word; `lost` when we had to end it."""
    error: RunError | None
    charged: bool
    """It counts against max_attempts."""
    retryable: bool
    cancelled: bool = False
    ladder: Sequence[float] = NO_WAIT
    disables_agent: bool = False
    """Every task of the agent ends like this until somebody changes the deployment."""
    shows_start: bool = False
    """The agent's program did start: what was known to keep it from starting is over."""
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
    notes: Sequence[Mapping[str, Any]] | None = None
    """What of the report was changed, cut or left out (domain/notes.py); None: nothing."""


_OF_AGENTS_AT_WORK = frozenset(
    {
        ErrorClass.AUTH,
        ErrorClass.MODEL,
        ErrorClass.RATE_LIMIT,
        ErrorClass.OVERLOADED,
        ErrorClass.CONTEXT,
        ErrorClass.MAX_TURNS,
        ErrorClass.TRUNCATED,
        ErrorClass.TIMEOUT,
        ErrorClass.OOM,
        ErrorClass.BAD_OUTPUT,
        ErrorClass.NO_RESULT,
        ErrorClass.BUDGET,
    }
)
CANCELLED_ERROR = RunError.of(ErrorClass.CANCELLED, "The task was cancelled on request.")
OVERDUE_ERROR = RunError.of(ErrorClass.TIMEOUT, "The deadline passed before the task was done.")
UNSTARTED_ERROR = RunError.of(ErrorClass.LOST, "The agent was launched, but never reported in.")
SILENT_ERROR = RunError.of(
    ErrorClass.LOST, "The agent stopped sending signs of life before it was done."
)
RELEASED = AttemptVerdict(
    attempt_status="released",
    error=None,
    charged=False,
    retryable=True,
    reason="the run handed the task back unharmed",
)
STALE = AttemptVerdict(
    attempt_status="lost",
    error=SILENT_ERROR,
    charged=True,
    retryable=True,
    ladder=NO_WAIT,
    reason="the lease ran out; the wait was long enough already",
)


def decide_failure(report: FailureReport) -> AttemptVerdict:
    """What a failure that the run reported itself leads to."""
    rule = RULES[report.error_class]
    retryable = rule.retryable if report.retryable is None else report.retryable
    error = RunError(
        error_class=report.error_class,
        message=report.message,
        remedy=report.remedy or rule.remedy,
        retryable=retryable,
    )
    if report.error_class is ErrorClass.CANCELLED:
        return AttemptVerdict(
            attempt_status="cancelled",
            error=error,
            charged=True,
            retryable=False,
            cancelled=True,
            reason="the run stopped because it was asked to",
        )
    quiet = report.error_class in (ErrorClass.RATE_LIMIT, ErrorClass.OVERLOADED)
    return AttemptVerdict(
        attempt_status="failed",
        error=error,
        charged=True,
        retryable=retryable,
        ladder=QUIET_LADDER if quiet else RETRY_LADDER,
        disables_agent=rule.disables_agent,
        shows_start=report.error_class in _OF_AGENTS_AT_WORK,
        reason=f"{report.error_class.value} is {'worth another try' if retryable else 'final'}",
    )


def decide_refusal(
    *,
    reason: str,
    retryable: bool,
    error_class: ErrorClass = ErrorClass.LAUNCH,
    remedy: str | None = None,
) -> AttemptVerdict:
    """What a refused launch leads to: no capacity costs no attempt, "never in this form" does."""
    full = retryable
    error = RunError.of(error_class, f"{NOT_LAUNCHED}{reason}", remedy=remedy)
    return AttemptVerdict(
        attempt_status="released" if full else "failed",
        error=error,
        charged=not full,
        retryable=True,
        ladder=REFUSED_LADDER if full else RETRY_LADDER,
        disables_agent=not full,
        reason="no capacity just now" if full else "the runtime will not take it in this form",
    )
