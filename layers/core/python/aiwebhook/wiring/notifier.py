"""Puts the notifier together."""

from __future__ import annotations

import random
from typing import Protocol

from aiwebhook.clock import utc_now
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.usecases.deliver_callback import NotifierServices
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import open_database


class NotifierPlaces(Protocol):
    """Where the notifier finds its surroundings: what functions/notifier/settings.py reads."""

    @property
    def database_secret_arn(self) -> str: ...
    @property
    def app_secret_arn(self) -> str: ...
    @property
    def notifier_queue_url(self) -> str: ...
    @property
    def callback_share(self) -> int: ...
    @property
    def allow_loopback_callbacks(self) -> bool: ...


def notifier_services(places: NotifierPlaces) -> NotifierServices:
    """All of it; nothing is connected before it is needed."""
    aws = cloud()
    secrets = aws.secrets()

    def keys() -> CallbackKeys:
        return CallbackKeys(secrets.app_secret(places.app_secret_arn).master_key)

    return NotifierServices(
        store=PostgresDeliveryStore(open_database(secrets, places.database_secret_arn)),
        sender=HttpCallbackSender(allow_loopback=places.allow_loopback_callbacks),
        ringer=aws.ringer(places.notifier_queue_url),
        keys=keys,
        clock=utc_now,
        random=random.SystemRandom().random,
        share=places.callback_share,
    )
