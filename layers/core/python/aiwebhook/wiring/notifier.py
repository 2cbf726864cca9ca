"""Wires the notifier's use cases to their adapters."""

from __future__ import annotations

import random

from aiwebhook.clock import utc_now
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.settings.notifier import NotifierSettings
from aiwebhook.usecases.deliver_callback import NotifierServices
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from aiwebhook.wiring.surroundings import surroundings


def wire_notifier(settings: NotifierSettings) -> NotifierServices:
    around = surroundings(settings)

    def master_key() -> bytes:
        return around.secrets.app_secret(settings.app_secret_arn).master_key

    return NotifierServices(
        store=PostgresDeliveryStore(around.database),
        sender=HttpCallbackSender(allow_loopback=settings.allow_loopback_callbacks),
        ringer=around.aws.ringer(settings.notifier_queue_url),
        subscriptions=SubscriptionDeliveries(
            store=PostgresSubscriptionStore(around.database),
            box=lambda: SecretBox(master_key()),
        ),
        keys=lambda: CallbackKeys(master_key()),
        clock=utc_now,
        random=random.SystemRandom().random,
        share=settings.callback_share,
    )
