"""Inbound deliveries (of GitHub and other sources): stored byte for byte, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

GITHUB_SOURCE = "github"
"""The source at POST /webhook itself; its secrets lie in a secret of the deployment."""
REPLAY_WINDOW_S = 24 * 3600
"""How long the bytes of a delivery without a GUID are recognised. GitHub always sends one, so this
concerns other senders and whoever repeats a captured request without its (unsigned) GUID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDelivery:
    """A verified delivery. `body` None: the bytes are in the blob store under `body_sha256`.

    `hook_id` tells apart two hooks that deliver the same GUID. `guid` None: the sender gave none; a
    repetition of the same bytes is then recognised for `REPLAY_WINDOW_S`.
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
    action: str | None = None
    repository: str | None = None
    method: str = "POST"
    path: str = ""
    """What followed the path of its source, with its query."""
    verified_by: str = "source"
    """`github_api`: read from there, so these are not the bytes that were signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The delivery's id here; of a duplicate: that of the first one.

    `conflict`: its GUID arrived before with other bytes, and it is stored as a delivery of its own.
    `has_rules`: rules that may start a task are waiting to be evaluated.
    """

    project_id: str
    delivery_id: str
    event_type: str
    duplicate: bool
    conflict: bool
    has_rules: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFilter:
    """Which deliveries; None does not restrict."""

    source: str | None = None
    event: str | None = None
    action: str | None = None
    repository: str | None = None
    status: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRow:
    """A delivery as a list shows it. `failure`: why a channel passed over it."""

    delivery_id: str
    source: str
    hook_id: str
    guid: str
    event: str
    action: str | None
    repository: str | None
    method: str
    path: str
    content_type: str | None
    size: int | None
    status: str
    failure: str | None
    conflict: bool
    verified_by: str
    body_pruned: bool
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundBytes(InboundRow):
    """A delivery with everything received. `body` None: it is in the blob store under
    `body_sha256`, or is gone; header names are in lower case.
    """

    headers: Mapping[str, str]
    body: bytes | None
    body_sha256: bytes
