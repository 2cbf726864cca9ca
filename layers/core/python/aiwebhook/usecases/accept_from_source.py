"""Accepts a webhook of a source: find it, take a token, verify, store it once, acknowledge."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.domain.inbound_payload import MAX_TOLD, read_payload, told_at
from aiwebhook.domain.secret_box import NotSealed, SecretBox
from aiwebhook.domain.source import SourceKind, SourceRules, rules_of
from aiwebhook.domain.source_signature import SignedArrival, verify_source
from aiwebhook.domain.storable import storable_text
from aiwebhook.errors import Forbidden, NotFound, RateLimited, TooLarge, Unavailable
from aiwebhook.ids import new_id
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.inbound import Acceptance, InboundDelivery
from aiwebhook.ports.sources import AdmittedSource
from aiwebhook.usecases.accept_delivery import keep_delivery, kept_headers

if TYPE_CHECKING:
    from aiwebhook.postgres.inbound_store import PostgresInboundStore

SOURCE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}")
_HOOK = re.compile(r"[0-9]{1,20}", re.ASCII)
_SVIX = {"webhook-id": "svix-id"}
"""The same header under an older name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDoor:
    """The dependencies of accepting. `box` opens the secrets of sources."""

    store: PostgresInboundStore
    blobs: BlobStore
    box: Callable[[], SecretBox]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceArrival:
    """A request to the address of a source; header names are in lower case. `path` is the path
    behind the source's id, with the query.
    """

    source_id: str
    path: str
    address: IPv4Address | IPv6Address | None
    headers: Mapping[str, str] = field(repr=False)
    repeated: frozenset[str]
    body: bytes = field(repr=False)
    correlation_id: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChallenge:
    """The answer that Slack expects from a new address; it is not a delivery."""

    challenge: str


def accept_from_source(door: SourceDoor, arrival: SourceArrival) -> Acceptance | SlackChallenge:
    """Store the delivery and acknowledge it. Raises NotFound (no such source),
    RateLimited, Forbidden (the address or the signature; nothing is stored), TooLarge (a
    tombstone is stored), Unavailable.

    During a rotation the old and the new secret are both valid.
    """
    source = _admitted(door, arrival)
    kind = SourceKind(source.kind)
    rules = rules_of(kind, source.rules)
    _verify(door, source, rules, arrival)
    payload = read_payload(arrival.body, arrival.headers.get("content-type"))
    if kind is SourceKind.SLACK and told_at(payload, "/type") == "url_verification":
        return SlackChallenge(challenge=told_at(payload, "/challenge") or "")
    delivery = _delivery(source, rules, arrival, payload)
    if delivery.size > source.max_bytes:
        door.store.keep_tombstone(delivery)
        observability.warning("delivery too large", source=source.source_id, size=delivery.size)
        raise TooLarge(
            f"The body has {delivery.size} bytes; this source takes {source.max_bytes}.",
            remedy="Raise max_bytes of the source, or have its sender send less at once.",
        )
    return keep_delivery(door.store, door.blobs, delivery)


def no_source() -> NotFound:
    """The error for an unknown, disabled, malformed or missing id: always the same."""
    return NotFound("No source of webhooks has this address.", code="source_not_found")


def _admitted(door: SourceDoor, arrival: SourceArrival) -> AdmittedSource:
    if SOURCE_ID.fullmatch(arrival.source_id) is None:
        raise no_source()
    source = door.store.admit_source(source_id=arrival.source_id, address=arrival.address)
    if source is None:
        raise no_source()
    if not source.within_rate:
        raise RateLimited(
            "This source sends more than its rate allows.",
            retry_after_s=60 / source.rate_per_minute,
        )
    if not source.address_allowed:
        raise Forbidden("This source does not send from here.", code="address_not_allowed")
    if source.networks_stale:
        observability.warning("GitHub's networks are not known", source=source.source_id)
        observability.measure({"networks_stale": 1})
    return source


def _verify(
    door: SourceDoor, source: AdmittedSource, rules: SourceRules, arrival: SourceArrival
) -> None:
    boxes = [box for box in (source.secret_box, source.previous_box) if box is not None]
    try:
        secrets = [
            door.box().open(source_purpose(source.source_id), bytes(box)).decode() for box in boxes
        ]
    except NotSealed as exc:  # sealed under another master key: the sender must try again
        raise Unavailable("The secret of this source cannot be read.") from exc
    signed = SignedArrival(
        headers=arrival.headers,
        repeated=arrival.repeated,
        body=arrival.body,
        now_s=int(arrival.arrived_at.timestamp()),
    )
    verdict = verify_source(SourceKind(source.kind), rules, secrets, signed)
    if not verdict.valid:
        raise Forbidden(f"The delivery is not signed: {verdict.reason}.", code="signature_invalid")


def source_purpose(source_id: str) -> str:
    """The purpose that a source's secret is sealed for: it opens for no other source."""
    return f"source {source_id}"


def _delivery(
    source: AdmittedSource, rules: SourceRules, arrival: SourceArrival, payload: object
) -> InboundDelivery:
    headers, is_github = arrival.headers, source.kind == SourceKind.GITHUB
    guid = _identity(rules, headers, payload)
    hook_id = headers.get("x-github-hook-id", "") if is_github and guid else ""
    return InboundDelivery(
        project_id=source.project_id,
        source=source.source_id,
        hook_id=hook_id if _HOOK.fullmatch(hook_id) else "",
        # Without an id, each is its own: only GitHub's are known by their bytes, as they always
        # were.
        guid=guid or (None if is_github else new_id("rq")),
        event_type=_event(rules, headers, payload),
        headers=kept_headers(headers),
        body=arrival.body,
        body_sha256=hashlib.sha256(arrival.body).digest(),
        size=len(arrival.body),
        content_type=headers.get("content-type"),
        correlation_id=arrival.correlation_id,
        action=told_at(payload, "/action"),
        repository=told_at(payload, "/repository/full_name"),
        path=arrival.path,
    )


def _identity(rules: SourceRules, headers: Mapping[str, str], payload: object) -> str | None:
    name = rules.dedupe_header
    given = headers.get(name) or headers.get(_SVIX.get(name, "")) if name else None
    if not given and rules.dedupe_pointer:
        given = told_at(payload, rules.dedupe_pointer)
    if not given:
        return None
    if len(given) >= MAX_TOLD:
        return "sha256-" + hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()
    return storable_text(given)


def _event(rules: SourceRules, headers: Mapping[str, str], payload: object) -> str:
    given = headers.get(rules.event_header or "")
    if given:
        return storable_text(given[:MAX_TOLD])
    pointers = (rules.event_pointer, "/type", "/event", "/command")
    told = (told_at(payload, pointer) for pointer in pointers if pointer)
    return next((event for event in told if event), "unknown")
