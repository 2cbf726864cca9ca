"""Wires the OAuth server's use cases to their adapters."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from aiwebhook.clock import utc_now
from aiwebhook.domain.consent import ConsentKeys
from aiwebhook.ports.oauth import DocumentReader
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.oauth_store import PostgresOAuthStore
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.usecases.oauth_services import OAuthServices


def wire_oauth(
    settings: SessionApiSettings, database: Database, master_key: Callable[[], bytes]
) -> OAuthServices:
    loopback = settings.allow_loopback_callbacks

    def documents() -> DocumentReader:
        from aiwebhook.outbound.document_reader import HttpDocumentReader  # noqa: PLC0415  reason: httpcore costs a cold start 30 ms, and few requests need it

        return HttpDocumentReader(allow_loopback=loopback)

    return OAuthServices(
        public_url=settings.public_url.rstrip("/"),
        store=PostgresOAuthStore(database),
        consent_keys=cache(lambda: ConsentKeys(master_key())),
        documents=cache(documents),
        clock=utc_now,
        randomness=os.urandom,
        allow_loopback=loopback,
    )
