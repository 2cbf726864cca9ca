"""Sources of webhooks: how each kind signs, and what identifies one of its deliveries. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

WINDOW_S = 300
"""How old, or how far ahead, a signed time may be, unless the source says otherwise."""
RATE_PER_MINUTE = 1_200
BURST = 600


class SourceKind(StrEnum):
    """How deliveries of a source are signed."""

    GITHUB = "github"
    """X-Hub-Signature-256 over the body."""
    STANDARD_WEBHOOKS = "standard_webhooks"
    """Standard Webhooks 1.0: webhook-signature over id, time and body; also with `svix-` names."""
    STRIPE = "stripe"
    """Stripe-Signature over time and body."""
    SLACK = "slack"
    """X-Slack-Signature over time and body."""
    HMAC = "hmac"
    """HMAC-SHA256 over the body, in a header, encoding and prefix of its own."""
    NONE = "none"
    """Not signed: anyone who knows the address, which is random, may send."""


GENERATED = frozenset({SourceKind.GITHUB, SourceKind.STANDARD_WEBHOOKS, SourceKind.HMAC})
"""Kinds whose secret we may choose; the others' senders choose it themselves."""
TIMED = frozenset({SourceKind.STANDARD_WEBHOOKS, SourceKind.STRIPE, SourceKind.SLACK})
"""Kinds that sign the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """How to read a source's deliveries: `header`, `encoding` (hex or base64) and `prefix` are
    those of kind `hmac`; the id and the event are found by header or by JSON pointer. `networks`:
    `github` where nothing is taken from elsewhere than GitHub's and the source's own.
    """

    header: str = "x-signature"
    encoding: str = "hex"
    prefix: str = ""
    dedupe_header: str | None = None
    dedupe_pointer: str | None = None
    event_header: str | None = None
    event_pointer: str | None = None
    window_s: int = WINDOW_S
    networks: str = "any"


_BY_KIND: Mapping[SourceKind, SourceRules] = {
    SourceKind.GITHUB: SourceRules(
        dedupe_header="x-github-delivery", event_header="x-github-event"
    ),
    SourceKind.STANDARD_WEBHOOKS: SourceRules(dedupe_header="webhook-id", event_pointer="/type"),
    SourceKind.STRIPE: SourceRules(dedupe_pointer="/id", event_pointer="/type"),
    SourceKind.SLACK: SourceRules(dedupe_pointer="/event_id", event_pointer="/event/type"),
    SourceKind.HMAC: SourceRules(),
    SourceKind.NONE: SourceRules(),
}


def rules_of(kind: SourceKind, chosen: Mapping[str, Any]) -> SourceRules:
    """The rules of a kind, with what the source's owner chose instead."""
    usual = _BY_KIND[kind]
    names = SourceRules.__slots__
    return SourceRules(**{name: chosen.get(name, getattr(usual, name)) for name in names})
