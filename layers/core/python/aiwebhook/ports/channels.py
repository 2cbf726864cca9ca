"""Channels: where clients that follow what comes in stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.ports.observation import EventPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel: its place in the project's log, and who may move it."""

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
    """A place in the log, with the delivery that came in there; without one (all None), it is to be
    passed over. `body` None beside a `delivery_id`: its bytes lie in the blob store.
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
