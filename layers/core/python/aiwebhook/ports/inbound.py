"""Deliveries that come from outside (GitHub): kept byte-exact, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REPLAY_WINDOW_S = 24 * 3600
"""How long the bytes of a delivery without a GUID are recognised. GitHub always sends one, so this
concerns other senders and whoever repeats a captured request without its (unsigned) GUID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDelivery:
    """A verified delivery. `body` None: the bytes lie in the blob store under `body_sha256`.

    `guid` None: the sender gave none; the same bytes are then known for `REPLAY_WINDOW_S`.
    """

    project_id: str
    source: str
    hook_id: str
    guid: str | None
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

    `conflict`: its GUID came before with other bytes, and it is kept as a delivery of its own.
    """

    delivery_id: str
    event_type: str
    duplicate: bool
    conflict: bool
