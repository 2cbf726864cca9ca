"""Callback deliveries: the outcome of an attempt, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from aiwebhook.domain.callback_retry import (
    GiveUp,
    after_failure,
    breaker_pause_s,
    parse_retry_after,
)
from aiwebhook.domain.lane import Lane, is_responsive

SNIPPET_LIMIT = 1024  # characters of a response kept in the delivery log
_ERROR_LIMIT = 300


class DeliveryStatus(StrEnum):
    """The status of a delivery."""

    PENDING = "pending"
    """Waits for its next attempt, or is being attempted."""
    DELIVERED = "delivered"
    """The receiver answered 2xx."""
    DEAD = "dead"
    """No further automatic attempt; may be redelivered by hand."""
    HELD = "held"
    """Its endpoint is disabled; it continues once that is enabled again."""


class SendFailure(StrEnum):
    """Why a receiver did not answer."""

    TIMEOUT = "timeout"
    """Not connected, or not answered, in time."""
    CONNECT = "connect"
    """No name, no route, refused, or reset."""
    TLS = "tls"
    """The certificate or the handshake is bad."""
    PROTOCOL = "protocol"
    """The response is not HTTP."""
    REFUSED = "refused"
    """Callbacks must not go to this address (domain/egress.py)."""
    BODY = "body"
    """The callback cannot be built; a fault of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The receiver sent a status line and headers. Its body matters to the log only."""

    status: int
    retry_after: str | None = None
    snippet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryUnanswered:
    """The receiver did not answer; `failure` says why."""

    fault: SendFailure
    detail: str


SendOutcome = Answered | DeliveryUnanswered


class DeliveryAction(StrEnum):
    """What happens to a delivery after an attempt."""

    DELIVERED = "delivered"
    """Done."""
    RETRY = "retry"
    """Try again after `delay_s`."""
    DEAD = "dead"
    """Give up."""
    DISABLE = "disable"
    """Disable the endpoint and hold what it has waiting; without an endpoint, give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`pause_s`: how long the receiver rests before anything else is sent to it; None: it need not.

    `healthy`: the receiver works; False counts against it; None says nothing about it.
    `responsive`: it answered in time; False: it kept us waiting; None says nothing about it.
    """

    action: DeliveryAction
    reason: str
    delay_s: float = 0.0
    healthy: bool | None = None
    pause_s: float | None = None
    responsive: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the decision rests on besides the outcome: this attempt's number, lane and duration, and
    the receiver's failures in a row.
    """

    attempts: int
    has_endpoint: bool
    failures: int = 0
    lane: Lane = Lane.RETRY
    ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of the delivery log."""

    at: datetime
    ms: int
    status: int | None = None
    error: str | None = None
    snippet: str = field(default="")


def decide_delivery(
    outcome: SendOutcome, standing: Standing, *, now: datetime, random: float
) -> Decision:
    """What follows an attempt. `random` is in [0, 1)."""
    decision = _decide(outcome, standing, now=now, random=random)
    return with_responsiveness(decision, outcome, standing)


def with_responsiveness(decision: Decision, outcome: SendOutcome, standing: Standing) -> Decision:
    """The decision, with what the attempt says of the receiver's place in the lanes."""
    responsive = is_responsive(
        standing.lane,
        timed_out=isinstance(outcome, DeliveryUnanswered) and outcome.fault is SendFailure.TIMEOUT,
        answered=isinstance(outcome, Answered),
        ms=standing.ms,
    )
    return replace(decision, responsive=responsive)


def _decide(outcome: SendOutcome, standing: Standing, *, now: datetime, random: float) -> Decision:
    if isinstance(outcome, DeliveryUnanswered):
        if outcome.fault in (SendFailure.REFUSED, SendFailure.BODY):
            return Decision(action=DeliveryAction.DEAD, reason=f"{outcome.fault}: {outcome.detail}")
        # A first try was cut short by us: the second one, with more patience, need not wait long.
        slow = outcome.fault is SendFailure.TIMEOUT and standing.lane is Lane.RETRY
        return _failed(outcome.fault, standing, random=random, slow=slow, retry_after_s=None)
    if 200 <= outcome.status < 300:
        return Decision(
            action=DeliveryAction.DELIVERED, reason=f"HTTP {outcome.status}", healthy=True
        )
    if outcome.status == 410:
        action = DeliveryAction.DISABLE if standing.has_endpoint else DeliveryAction.DEAD
        return Decision(action=action, reason="HTTP 410: the receiver wants no more")
    return _failed(
        f"HTTP {outcome.status}",  # redirects too: where they lead has not been checked
        standing,
        random=random,
        slow=outcome.status == 429,
        retry_after_s=parse_retry_after(outcome.retry_after, now=now),
    )


def log_entry(outcome: SendOutcome, *, at: datetime, ms: int) -> LogEntry:
    """The attempt as the delivery log shows it: bounded, and fit for jsonb."""
    if isinstance(outcome, DeliveryUnanswered):
        error = f"{outcome.fault}: {_printable(outcome.detail)}"[:_ERROR_LIMIT]
        return LogEntry(at=at, ms=ms, error=error)
    snippet = _printable(outcome.snippet)[:SNIPPET_LIMIT]
    return LogEntry(at=at, ms=ms, status=outcome.status, snippet=snippet)


def _failed(
    what: str, standing: Standing, *, random: float, slow: bool, retry_after_s: float | None
) -> Decision:
    step = after_failure(standing.attempts, random=random, retry_after_s=retry_after_s, slow=slow)
    pause_s = breaker_pause_s(standing.failures + 1)
    if isinstance(step, GiveUp):
        return Decision(
            action=DeliveryAction.DEAD,
            reason=f"{what}; {step.reason}",
            healthy=False,
            pause_s=pause_s,
        )
    return Decision(
        action=DeliveryAction.RETRY,
        reason=f"{what}; {step.reason}",
        delay_s=step.delay_s,
        healthy=False,
        pause_s=pause_s,
    )


def _printable(text: str) -> str:
    """jsonb refuses U+0000 and lone surrogates; control characters have no business in a log."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in clean)
