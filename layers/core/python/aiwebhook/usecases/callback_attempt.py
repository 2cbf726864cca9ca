"""One attempt to send a callback: what it decides, and what the notifier logs of it."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.domain.delivery import (
    Decision,
    DeliveryAction,
    SendOutcome,
    Standing,
    decide_delivery,
    log_entry,
)
from aiwebhook.domain.lane import Lane
from aiwebhook.domain.subscription import is_subscription
from aiwebhook.domain.subscription_delivery import decide_control, decide_subscribed
from aiwebhook.ports.deliveries import DeliverySettlement
from aiwebhook.usecases.send_callbacks import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt, as logs and metrics have it. `age_s` counts from the event."""

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
    """The log entry of what was sent and decided."""
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


def settlement_of(
    sent: Sent, outcome: SendOutcome, *, lane: Lane, random: float
) -> DeliverySettlement:
    """What to record, by the retry policy of endpoints or of subscriptions.
    `random` is in [0, 1).
    """
    claimed = sent.claimed
    standing = Standing(
        attempts=claimed.attempts,
        has_endpoint=claimed.endpoint_id is not None,
        failures=claimed.failures,
        lane=lane,
        ms=sent.ms,
    )
    policy = decide_subscribed if is_subscription(claimed.endpoint_id) else decide_delivery
    if sent.control:
        policy = decide_control
    return DeliverySettlement(
        delivery_id=claimed.delivery_id,
        leased_until=claimed.leased_until,
        decision=policy(outcome, standing, now=sent.at, random=random),
        entry=log_entry(outcome, at=sent.at, ms=sent.ms),
    )
