"""Accepts a GitHub webhook: verify the signature over the raw bytes, store it once, acknowledge."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.domain.inbound_payload import read_payload, told_at
from aiwebhook.domain.signature import verify_github
from aiwebhook.errors import FieldError, Forbidden, Invalid, NotJson, Unavailable
from aiwebhook.ports.blobs import INLINE_LIMIT, BlobStore
from aiwebhook.ports.inbound import GITHUB_SOURCE, Acceptance, InboundDelivery

if TYPE_CHECKING:
    from aiwebhook.postgres.inbound_store import PostgresInboundStore

SIGNATURE = "x-hub-signature-256"
EVENT = "x-github-event"
DELIVERY_HEADERS = frozenset({SIGNATURE, EVENT})
"""A request with either header is a GitHub delivery. An unsigned one is refused, not run as a
command.
"""
_EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_GUID = re.compile(r"[A-Za-z0-9-]{1,100}")
_HOOK = re.compile(r"[0-9]{1,20}")
# Stored with the delivery, so that it can be replayed; credentials for this API are left out.
_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-amz-security-token"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSource:
    """The id of the GitHub hook and its valid secrets: two while one replaces the other."""

    project_id: str
    secrets: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedDelivery:
    """A delivery as received. Header names are in lower case; `repeated` names headers sent
    more than once.
    """

    headers: Mapping[str, str]
    repeated: frozenset[str]
    body: bytes
    correlation_id: str
    path: str = ""
    """The path behind that of its source, with the query."""


def accept_delivery(
    store: PostgresInboundStore, blobs: BlobStore, source: WebhookSource, arrival: ReceivedDelivery
) -> Acceptance:
    """Store the delivery. Raises Forbidden (nothing is stored), Invalid,
    NotJson (empty), Unavailable.

    A GUID names an event, not a delivery: two hooks share it, so deliveries are told apart by hook
    id and GUID. GitHub does not sign the GUID: other bytes under a known GUID are stored as another
    delivery, never dropped.
    """
    _verify(source, arrival)
    if not arrival.body:
        raise NotJson("The body is empty.")
    headers = arrival.headers
    guid = _header(headers, "x-github-delivery", _GUID, default="") or None
    payload = read_payload(arrival.body, headers.get("content-type"))
    return keep_delivery(
        store,
        blobs,
        InboundDelivery(
            project_id=source.project_id,
            source=GITHUB_SOURCE,
            # Without a GUID, the digest of the bytes identifies the delivery; the hook header is
            # not signed.
            hook_id=_header(headers, "x-github-hook-id", _HOOK, default="") if guid else "",
            guid=guid,
            event_type=_header(headers, EVENT, _EVENT, default="unknown"),
            headers=kept_headers(headers),
            body=arrival.body,
            body_sha256=hashlib.sha256(arrival.body).digest(),
            size=len(arrival.body),
            content_type=headers.get("content-type"),
            correlation_id=arrival.correlation_id,
            action=told_at(payload, "/action"),
            repository=told_at(payload, "/repository/full_name"),
            path=arrival.path,
        ),
    )


def keep_delivery(
    store: PostgresInboundStore, blobs: BlobStore, delivery: InboundDelivery
) -> Acceptance:
    """Store a verified delivery, whose bytes are all in `body`, and log its
    event. Raises Unavailable.
    """
    if delivery.size > INLINE_LIMIT:
        blobs.put(project_id=delivery.project_id, content=delivery.body or b"")
        delivery = replace(delivery, body=None)
    accepted = store.accept_delivery(delivery)
    _publish(store, accepted)
    return accepted


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers to store: without credentials of this API."""
    return {
        _storable(name): _storable(value)
        for name, value in headers.items()
        if name not in _SECRET_HEADERS
    }


def _verify(source: WebhookSource, arrival: ReceivedDelivery) -> None:
    if DELIVERY_HEADERS & arrival.repeated:
        raise Forbidden("The signature came more than once.", code="signature_invalid")
    verdict = verify_github(arrival.body, arrival.headers.get(SIGNATURE), source.secrets)
    if not verdict.valid:
        raise Forbidden(
            f"The delivery is not signed: {verdict.reason}.",
            code="signature_invalid",
        )


def _header(
    headers: Mapping[str, str], name: str, pattern: re.Pattern[str], *, default: str
) -> str:
    value = headers.get(name)
    if value is None or value == "":
        return default
    if not pattern.fullmatch(value):
        error = FieldError(pointer="", message=f"header {name} is malformed")
        raise Invalid(f"The header {name} is malformed.", errors=(error,))
    return value


def _storable(value: str) -> str:
    """Header values as text that PostgreSQL can store."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _publish(store: PostgresInboundStore, accepted: Acceptance) -> None:
    observability.info(
        "delivery accepted", delivery_id=accepted.delivery_id, duplicate=accepted.duplicate
    )
    observability.count("deliveries", duplicate=str(accepted.duplicate).lower())
    if accepted.conflict and not accepted.duplicate:
        observability.warning("one GUID for two bodies", delivery_id=accepted.delivery_id)
    if accepted.duplicate:
        return
    try:
        store.wake_readers()
    except Unavailable as error:
        observability.warning("readers not woken; they poll", code=error.code)
