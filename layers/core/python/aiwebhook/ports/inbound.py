"""Port to deliveries that come from outside (GitHub): kept byte-exact, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDelivery:
    """A verified delivery. `body` None: the bytes lie in the blob store under `body_sha256`."""

    project_id: str
    source: str
    hook_id: str
    guid: str
    event_type: str
    headers: Mapping[str, str]
    body: bytes | None
    body_sha256: bytes
    size: int
    content_type: str | None
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What the delivery is called here; of a duplicate: what the first one was called.

    `same_body` False: the sender used one GUID for two bodies; the first one is kept.
    """

    delivery_id: str
    event_type: str
    duplicate: bool
    same_body: bool


class InboundStore(Protocol):
    """All methods raise Unavailable when the store is away."""

    def accept_delivery(self, delivery: InboundDelivery) -> Acceptance:
        """Keep it with its `delivery.received` event, unless (source, hook, GUID) is known."""
        ...

    def wake_readers(self) -> None:
        """After the commit: tell those who wait for events."""
        ...
