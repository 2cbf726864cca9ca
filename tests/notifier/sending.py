"""What the tests of the sender share: limits, callbacks, resolvers that answer as told."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.outbound.callback_sender import SendLimits
from aiwebhook.ports.deliveries import Callback

# Small, so that a test of a deadline ends soon; nothing asserts how soon.
SHORT = SendLimits(connect_s=0.3, total_s=0.3, body_s=0.1)
PATIENT = SendLimits(connect_s=5, total_s=10, body_s=5)


def any_callback(url: str, body: bytes = b'{"type":"x"}') -> Callback:
    return Callback(url=url, headers={"webhook-id": "dlv_1"}, body=body)


def fault_of(outcome: SendOutcome) -> SendFailure:
    assert isinstance(outcome, DeliveryUnanswered), outcome
    assert outcome.detail
    return outcome.fault


class Resolver:
    """Answers in turn, and counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int, _timeout_s: float) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]
