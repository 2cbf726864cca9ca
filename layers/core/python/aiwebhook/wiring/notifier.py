"""Wires the notifier's use cases to their adapters."""

from __future__ import annotations

import random

from aiwebhook.aws.outbound_function import InvokedCallbackSender, OutboundFunction
from aiwebhook.clock import utc_now
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.ports.deliveries import CallbackSender
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.settings.notifier import NotifierSettings
from aiwebhook.usecases.deliver_callback import NotifierServices
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from aiwebhook.usecases.send_callbacks import SENT_AT_ONCE
from aiwebhook.wiring.surroundings import Surroundings, surroundings

_AT_ONCE = 8
"""Callbacks that one notifier has sent at once, to receivers that are known to respond, and to the
others. Each is a call of a function: all notifiers together must leave most of the account's
quota to those who are asked."""


def wire_notifier(settings: NotifierSettings) -> NotifierServices:
    around = surroundings(settings)

    def master_key() -> bytes:
        return around.secrets.app_secret(settings.app_secret_arn).master_key

    return NotifierServices(
        store=PostgresDeliveryStore(around.database),
        sender=_sender(settings, around),
        ringer=around.aws.ringer(settings.notifier_queue_url),
        subscriptions=SubscriptionDeliveries(
            store=PostgresSubscriptionStore(around.database),
            box=lambda: SecretBox(master_key()),
        ),
        keys=lambda: CallbackKeys(master_key()),
        clock=utc_now,
        random=random.SystemRandom().random,
        share=settings.callback_share,
        workers=_AT_ONCE if settings.outbound_function else SENT_AT_ONCE,
    )


def _sender(settings: NotifierSettings, around: Surroundings) -> CallbackSender:
    if settings.outbound_function:
        function = OutboundFunction(around.aws.environment, settings.outbound_function)
        return InvokedCallbackSender(function)
    from aiwebhook.settings.outbound import OutboundSettings  # noqa: PLC0415  reason: never on AWS
    from aiwebhook.wiring.outbound import wire_sender  # noqa: PLC0415  reason: as above

    return wire_sender(OutboundSettings.from_env())
