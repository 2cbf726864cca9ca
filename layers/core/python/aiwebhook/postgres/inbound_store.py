"""Webhook deliveries received, each stored once. All methods raise Unavailable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from psycopg.errors import LockNotAvailable
from psycopg.types.json import Jsonb

from aiwebhook.domain.github_networks import NETWORKS_TRUSTED_S
from aiwebhook.errors import Unavailable
from aiwebhook.ports.inbound import REPLAY_WINDOW_S, Acceptance, InboundDelivery
from aiwebhook.ports.rules import HANDLED_S
from aiwebhook.ports.sources import AdmittedSource
from aiwebhook.postgres.announcing import PostgresAnnouncing
from aiwebhook.postgres.database import Database

_TRIES = 3


class PostgresInboundStore(PostgresAnnouncing):
    """Webhook deliveries received."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept_delivery(self, delivery: InboundDelivery) -> Acceptance:
        """Store it with its `delivery.received` event, unless it is a duplicate: by source, hook,
        GUID and bytes; without a GUID, by its bytes within the replay window.
        """
        params = {
            "project_id": delivery.project_id,
            "source": delivery.source,
            "hook_id": delivery.hook_id,
            "guid": delivery.guid,
            "replay_window_s": REPLAY_WINDOW_S,
            "event_type": delivery.event_type,
            "headers": Jsonb(dict(delivery.headers)),
            "body": delivery.body,
            "body_sha256": delivery.body_sha256,
            "size": delivery.size,
            "content_type": delivery.content_type,
            "correlation_id": delivery.correlation_id,
            "action": delivery.action,
            "repository": delivery.repository,
            "method": delivery.method,
            "path": delivery.path,
            "verified_by": delivery.verified_by,
            "handled_s": HANDLED_S,
        }
        try:
            found = self._accept_delivery(params)
        except LockNotAvailable as exc:
            raise Unavailable("The same delivery is being stored at this moment.") from exc
        except Unavailable:
            found = self._accept_delivery(params)
        if found is None:
            raise Unavailable("The same delivery is being stored at this moment.")
        return found

    def admit_source(
        self, *, source_id: str, address: IPv4Address | IPv6Address | None
    ) -> AdmittedSource | None:
        """Find the source, and take a token of its rate limit; None: no such source."""
        params = {"source_id": source_id, "address": address, "trusted_s": NETWORKS_TRUSTED_S}
        return self._database.row("admit_source", params, AdmittedSource)

    def keep_tombstone(self, delivery: InboundDelivery) -> None:
        """Record id, size and time of a delivery that is too large, without its
        bytes or headers.
        """
        params = {
            "project_id": delivery.project_id,
            "source": delivery.source,
            "hook_id": delivery.hook_id,
            "guid": delivery.guid,
            "event_type": delivery.event_type,
            "content_type": delivery.content_type,
            "size": delivery.size,
            # Not the bytes' own digest: sending them again must not be taken for a duplicate.
            "body_sha256": hashlib.sha256(b"too large\0" + delivery.body_sha256).digest(),
        }
        self._database.run("keep_tombstone", params)

    def _accept_delivery(self, params: Mapping[str, object]) -> Acceptance | None:
        for _ in range(_TRIES):
            found = self._database.row("accept_delivery", params, Acceptance)
            if found is not None:
                return found
        return None
