"""What follows an attempt to reach a subscription's receiver. Pure.

Five tries in about six minutes; then the receiver counts as suspended and is tried once per step of
its breaker, at most an hour apart, until it answers, its client subscribes anew, or the grant ends.
Nothing is given up meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from aiwebhook.domain.callback_retry import JITTER, parse_retry_after
from aiwebhook.domain.delivery import (
    Answered,
    Decision,
    DeliveryAction,
    DeliveryUnanswered,
    SendFailure,
    SendOutcome,
    Standing,
    with_responsiveness,
)

LADDER_S = (0, 1, 10, 60, 300)
"""Before attempt n."""
SUSPENDED_AFTER = len(LADDER_S)
"""Failures in a row."""
_PROBES_S = (300, 900, 1_800, 3_600)
_NEVER_AGAIN = frozenset({410, 413})
"""They speak of this delivery; the subscription lives on."""
_NOT_NOW = frozenset({408, 425, 429})


def decide_subscribed(
    outcome: SendOutcome, standing: Standing, *, now: datetime, random: float
) -> Decision:
    """What follows. `random` is in [0, 1)."""
    decision = _decide(outcome, standing, now=now, random=random)
    return with_responsiveness(decision, outcome, standing)


def decide_control(
    outcome: SendOutcome, standing: Standing, *, now: datetime, random: float
) -> Decision:
    """The same for a message about the subscription itself. Who refuses it does not know such
    messages, which says nothing against its receiver.
    """
    if (
        isinstance(outcome, Answered)
        and 400 <= outcome.status < 500
        and outcome.status not in _NOT_NOW
    ):
        decision = Decision(
            action=DeliveryAction.DEAD,
            reason=f"HTTP {outcome.status}: not understood",
            healthy=True,
        )
        return with_responsiveness(decision, outcome, standing)
    return decide_subscribed(outcome, standing, now=now, random=random)


def error_word(outcome: SendOutcome) -> str | None:
    """One of the words that clients may read; None for an answer of 2xx."""
    if isinstance(outcome, DeliveryUnanswered):
        return _UNANSWERED.get(outcome.fault, "connection_refused")
    if 200 <= outcome.status < 300:
        return None
    return "http_5xx" if outcome.status >= 500 else "http_4xx"


_UNANSWERED = {SendFailure.TIMEOUT: "timeout", SendFailure.TLS: "tls_error"}


def _decide(outcome: SendOutcome, standing: Standing, *, now: datetime, random: float) -> Decision:
    retry_after_s: float | None = None
    if isinstance(outcome, Answered):
        what = f"HTTP {outcome.status}"
        if 200 <= outcome.status < 300:
            return Decision(action=DeliveryAction.DELIVERED, reason=what, healthy=True)
        if outcome.status in _NEVER_AGAIN:
            # It answers: what else waits for it goes on.
            return Decision(
                action=DeliveryAction.DEAD, reason=f"{what}: never again this one", healthy=True
            )
        retry_after_s = parse_retry_after(outcome.retry_after, now=now)
    else:
        what = f"{outcome.fault}: {outcome.detail}"
        if outcome.fault is SendFailure.BODY:
            return Decision(action=DeliveryAction.DEAD, reason=what)
    return _again(what, standing, random=random, retry_after_s=retry_after_s)


def _again(
    what: str, standing: Standing, *, random: float, retry_after_s: float | None
) -> Decision:
    pause_s = _probe_s(standing.failures + 1)
    step = _step_s(standing.attempts)
    delay_s = step if step <= 1 else step * (1 - JITTER + 2 * JITTER * random)
    delay_s = max(delay_s, min(retry_after_s or 0, 2 * step), pause_s or 0)
    return Decision(
        action=DeliveryAction.RETRY,
        reason=f"{what}; next try in {delay_s:.0f} s",
        delay_s=delay_s,
        healthy=False,
        pause_s=pause_s,
    )


def _step_s(attempts: int) -> float:
    if attempts < len(LADDER_S):
        return LADDER_S[attempts]
    return _PROBES_S[min(attempts - len(LADDER_S), len(_PROBES_S) - 1)]


def _probe_s(failures: int) -> float | None:
    """How long the receiver rests after so many failures in a row; None while it need not."""
    if failures < SUSPENDED_AFTER:
        return None
    return _PROBES_S[min(failures - SUSPENDED_AFTER, len(_PROBES_S) - 1)]
