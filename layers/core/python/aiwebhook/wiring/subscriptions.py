"""Wires what session_api needs to subscribe MCP clients to events."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from aiwebhook.clock import utc_now
from aiwebhook.domain.events_refusal import ErrorCodes
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.ports.deliveries import CallbackSender
from aiwebhook.postgres.oauth_store import PostgresOAuthStore
from aiwebhook.postgres.observation_store import PostgresObservationStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.usecases.subscribe import SubscriptionServices
from aiwebhook.wiring.surroundings import Surroundings


def wire_subscriptions(
    settings: SessionApiSettings,
    around: Surroundings,
    doors: PostgresOAuthStore,
    master_key: Callable[[], bytes],
) -> SubscriptionServices:
    loopback = settings.allow_loopback_callbacks

    def sender() -> CallbackSender:
        from aiwebhook.aws.outbound_function import InvokedCallbackSender, OutboundFunction  # noqa: PLC0415  reason: few requests need it

        return InvokedCallbackSender(
            OutboundFunction(around.aws.environment, settings.outbound_function)
        )

    return SubscriptionServices(
        store=PostgresSubscriptionStore(around.database),
        log=PostgresObservationStore(around.database),
        doors=doors,
        sender=cache(sender),
        box=lambda: SecretBox(master_key()),
        ringer=cache(lambda: around.aws.ringer(settings.notifier_queue_url)),
        clock=utc_now,
        randomness=os.urandom,
        allow_loopback=loopback,
        quiet_hosts=frozenset(settings.quiet_hosts),
        codes=None if settings.events_codes == "client" else ErrorCodes(settings.events_codes),
    )
