"""What the notifier says of one attempt."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.domain.delivery import Decision, DeliveryAction
from aiwebhook.usecases.send_callbacks import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt, as logs and metrics want it. `age_s`: since the event happened."""

    delivery_id: str
    project_id: str
    event_type: str
    correlation_id: str | None
    number: int
    action: DeliveryAction
    reason: str
    ms: int
    age_s: float


def attempt_of(sent: Sent, decision: Decision) -> Attempt:
    """Of what was sent, and what follows."""
    claimed = sent.claimed
    ended = sent.at.timestamp() + sent.ms / 1000
    return Attempt(
        delivery_id=claimed.delivery_id,
        project_id=claimed.project_id,
        event_type=claimed.event_type,
        correlation_id=claimed.correlation_id,
        number=claimed.attempts,
        action=decision.action,
        reason=decision.reason,
        ms=sent.ms,
        age_s=round(max(0.0, ended - claimed.created_at.timestamp()), 3),
    )
