"""Wires the OAuth server's use cases to their adapters."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from aiwebhook.clock import utc_now
from aiwebhook.domain.consent import ConsentKeys
from aiwebhook.ports.oauth import DocumentReader
from aiwebhook.postgres.oauth_store import PostgresOAuthStore
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.usecases.oauth_services import OAuthServices
from aiwebhook.wiring.surroundings import Surroundings


def wire_oauth(
    settings: SessionApiSettings, around: Surroundings, master_key: Callable[[], bytes]
) -> OAuthServices:

    def documents() -> DocumentReader:
        from aiwebhook.aws.outbound_function import InvokedDocumentReader, OutboundFunction  # noqa: PLC0415  reason: few requests need it

        return InvokedDocumentReader(
            OutboundFunction(around.aws.environment, settings.outbound_function)
        )

    return OAuthServices(
        public_url=settings.public_url.rstrip("/"),
        store=PostgresOAuthStore(around.database),
        consent_keys=cache(lambda: ConsentKeys(master_key())),
        documents=cache(documents),
        clock=utc_now,
        randomness=os.urandom,
        allow_loopback=settings.allow_loopback_callbacks,
    )
