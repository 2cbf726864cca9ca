"""Wires the notifier's use cases to their adapters."""

from __future__ import annotations

import random

from aiwebhook.aws.outbound_function import InvokedCallbackSender, OutboundFunction
from aiwebhook.clock import utc_now
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.settings.notifier import NotifierSettings
from aiwebhook.usecases.deliver_callback import NotifierServices
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from aiwebhook.wiring.surroundings import surroundings

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
        sender=InvokedCallbackSender(
            OutboundFunction(around.aws.environment, settings.outbound_function)
        ),
        ringer=around.aws.ringer(settings.notifier_queue_url),
        subscriptions=SubscriptionDeliveries(
            store=PostgresSubscriptionStore(around.database),
            box=lambda: SecretBox(master_key()),
        ),
        keys=lambda: CallbackKeys(master_key()),
        clock=utc_now,
        random=random.SystemRandom().random,
        share=settings.callback_share,
        workers=_AT_ONCE,
    )
