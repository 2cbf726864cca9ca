"""What the tests of the sender share: limits, callbacks, resolvers that answer as told."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextvars import ContextVar

from aiwebhook.aws.outbound_function import InvokedCallbackSender
from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.lane import PATIENCE_S, Lane
from aiwebhook.outbound.callback_sender import HttpCallbackSender, SendLimits
from aiwebhook.outbound.guarded_network import Resolver as Resolving
from aiwebhook.outbound.guarded_network import resolve_addresses
from aiwebhook.ports.deliveries import Callback, CallbackSender
from tests.support.outbound import OutboundByJson

# Small, so that a test of a deadline ends soon; nothing asserts how soon.
SHORT = SendLimits(connect_s=0.3, total_s=0.3, body_s=0.1)
PATIENT = SendLimits(connect_s=5, total_s=10, body_s=5)

through_outbound: ContextVar[bool] = ContextVar("through_outbound", default=False)
"""Set by the fixture `each_way`."""


def any_sender(
    *,
    allow_loopback: bool = False,
    limits: SendLimits | None = None,
    resolve: Resolving = resolve_addresses,
    tls: ssl.SSLContext | None = None,
) -> CallbackSender:
    """One that exchanges itself, or has `outbound` exchange: both are to behave the same."""
    direct = HttpCallbackSender(
        allow_loopback=allow_loopback, limits=limits, resolve=resolve, tls=tls
    )
    if through_outbound.get():
        return InvokedCallbackSender(OutboundByJson(sender=direct))
    return direct


def sent(sender: CallbackSender, callback: Callback) -> SendOutcome:
    """With all the patience there is; the sender's own limits bound it."""
    return sender.send(callback, within_s=PATIENCE_S[Lane.RETRY])


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
