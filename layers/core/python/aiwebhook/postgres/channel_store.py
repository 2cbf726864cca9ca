"""Channels. All methods raise Unavailable."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from aiwebhook.ports.channels import ChannelDelivery, ChannelFilter, ChannelRow
from aiwebhook.ports.observation import EventPosition
from aiwebhook.postgres.database import Database


class PostgresChannelStore:
    """Each method runs the statement of its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_channel(  # noqa: PLR0913 what a claim is
        self,
        *,
        project_id: str,
        channel: str,
        holder: str,
        lease_s: int,
        begin: EventPosition,
        rewind: bool,
    ) -> ChannelRow | None:
        """Claim it, or renew the lease on it; None when another client holds it."""
        params = {
            **_named(project_id, channel),
            "holder": holder,
            "lease_s": lease_s,
            "after_xid": begin.xid,
            "after_no": begin.event_no,
            "rewind": rewind,
        }
        return self._database.row("claim_channel", params, ChannelRow)

    def list_channels(self, *, project_id: str, channel: str | None = None) -> list[ChannelRow]:
        """Channels by name; the newest 500."""
        params = {"project_id": project_id, "channel": channel}
        return self._database.rows("list_channels", params, ChannelRow)

    def channel_deliveries(
        self, *, project_id: str, after: EventPosition, wanted: ChannelFilter, limit: int
    ) -> list[ChannelDelivery]:
        """Deliveries after a position, in the order of the project's log."""
        params = {
            "project_id": project_id,
            "after_xid": after.xid,
            "after_no": after.event_no,
            "limit": limit,
            **asdict(wanted),
        }
        return self._database.rows("channel_deliveries", params, ChannelDelivery)

    def acknowledge_delivery(  # noqa: PLR0913 what an acknowledgement is
        self,
        *,
        project_id: str,
        channel: str,
        lease_epoch: int,
        behind: EventPosition,
        delivery_id: str | None,
        failure: str | None,
    ) -> bool:
        """Move the channel past a delivery; False when another client has held it since."""
        params = {
            **_named(project_id, channel),
            "lease_epoch": lease_epoch,
            "after_xid": behind.xid,
            "after_no": behind.event_no,
            "delivery_id": delivery_id,
            "failure": failure,
        }
        return self._database.run("acknowledge_delivery", params) == 1

    def release_channel(self, *, project_id: str, channel: str, lease_epoch: int) -> bool:
        """End the lease on it."""
        params = {**_named(project_id, channel), "lease_epoch": lease_epoch}
        return self._database.run("release_channel", params) == 1

    def delete_channel(self, *, project_id: str, channel: str) -> bool:
        """Delete it; a client that claims it again starts a new one."""
        return self._database.run("delete_channel", _named(project_id, channel)) == 1

    def position_since(self, *, project_id: str, since: datetime) -> EventPosition | None:
        """The position before the first delivery received at or after that time; None: none was."""
        params = {"project_id": project_id, "since": since}
        return self._database.row("position_since", params, EventPosition)


def _named(project_id: str, channel: str) -> dict[str, object]:
    return {"project_id": project_id, "channel": channel}
