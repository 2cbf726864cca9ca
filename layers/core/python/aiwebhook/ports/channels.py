"""Channels: the positions of clients that follow inbound deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.ports.observation import EventPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel: its position in the project's log, and who may move it."""

    channel: str
    xid: str
    event_no: int
    lease_epoch: int
    holder: str
    leased_until: datetime
    moved_at: datetime

    @property
    def position(self) -> EventPosition:
        return EventPosition(xid=self.xid, event_no=self.event_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFilter:
    """Which deliveries a client wants; None does not restrict."""

    source: str | None = None
    event: str | None = None
    action: str | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDelivery:
    """A position in the log and the delivery received there; a position without one (all None) is
    to be skipped. `body` None beside a `delivery_id`: its bytes are in the blob store.
    """

    xid: str
    event_no: int
    replayed: bool
    delivery_id: str | None
    source: str | None
    hook_id: str | None
    guid: str | None
    event: str | None
    action: str | None
    repository: str | None
    method: str | None
    path: str | None
    content_type: str | None
    size: int | None
    conflict: bool | None
    received_at: datetime | None
    headers: Mapping[str, str] | None
    body: bytes | None
    body_sha256: bytes | None
