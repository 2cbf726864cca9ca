"""Reads of inbound deliveries. All methods raise Unavailable."""

from __future__ import annotations

from dataclasses import asdict

from aiwebhook.ports.commands import Page
from aiwebhook.ports.inbound import InboundBytes, InboundFilter, InboundRow
from aiwebhook.postgres.announcing import PostgresAnnouncing
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.keyset import keyset


class PostgresInboundReads(PostgresAnnouncing):
    """Each method runs the statement of its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_inbound(
        self, *, project_id: str, wanted: InboundFilter, page: Page
    ) -> list[InboundRow]:
        """Deliveries, newest first."""
        params = {"project_id": project_id, **asdict(wanted), **keyset(page)}
        return self._database.rows("list_inbound", params, InboundRow)

    def find_inbound(self, *, project_id: str, delivery_id: str) -> InboundBytes | None:
        """One delivery with its headers and its bytes."""
        params = {"project_id": project_id, "delivery_id": delivery_id}
        return self._database.row("find_inbound", params, InboundBytes)

    def replay_inbound(
        self, *, project_id: str, delivery_id: str, correlation_id: str, with_rules: bool
    ) -> bool:
        """Log it again, and have rules evaluate it again if asked for; False when its
        bytes are gone.
        """
        params = {
            "project_id": project_id,
            "delivery_id": delivery_id,
            "correlation_id": correlation_id,
            "with_rules": with_rules,
        }
        return self._database.run("replay_inbound", params) == 1
