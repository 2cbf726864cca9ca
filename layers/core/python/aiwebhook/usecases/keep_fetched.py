"""Stores a delivery that was read from GitHub's API, because GitHub cannot send it to us."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from aiwebhook.domain.github_hook import FetchedDelivery
from aiwebhook.domain.inbound_payload import read_payload, told_at
from aiwebhook.ids import new_id
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.inbound import Acceptance, InboundDelivery
from aiwebhook.ports.reconciliation import ClaimedReconciliation, MissedDelivery
from aiwebhook.usecases.accept_delivery import keep_delivery, kept_headers

if TYPE_CHECKING:
    from aiwebhook.postgres.inbound_store import PostgresInboundStore


def keep_fetched(
    store: PostgresInboundStore,
    blobs: BlobStore,
    claimed: ClaimedReconciliation,
    missed: MissedDelivery,
    fetched: FetchedDelivery,
) -> Acceptance:
    """Store it as `verified_by: github_api`. Raises Unavailable."""
    headers, body = fetched.headers, fetched.body
    payload = read_payload(body, headers.get("content-type"))
    return keep_delivery(
        store,
        blobs,
        InboundDelivery(
            project_id=claimed.project_id,
            source=claimed.source_id,
            hook_id=headers.get("x-github-hook-id", ""),
            guid=missed.guid,
            event_type=headers.get("x-github-event", "unknown"),
            headers=kept_headers(headers),
            body=body,
            body_sha256=hashlib.sha256(body).digest(),
            size=len(body),
            content_type=headers.get("content-type"),
            correlation_id=new_id("req"),
            action=told_at(payload, "/action"),
            repository=told_at(payload, "/repository/full_name"),
            verified_by="github_api",
        ),
    )
