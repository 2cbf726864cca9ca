"""Sources of webhooks: create, change, rotate their secrets, delete."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiwebhook.domain.secret_box import NONCE_BYTES as SOURCE_NONCE_BYTES
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import SECRET_PREFIX
from aiwebhook.domain.source import GENERATED, SourceKind
from aiwebhook.domain.source_signature import standard_key
from aiwebhook.errors import Conflict, FieldError, Invalid, NotFound
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.inbound import GITHUB_SOURCE
from aiwebhook.ports.sources import SourceFields, SourceRow
from aiwebhook.usecases.accept_from_source import source_purpose

if TYPE_CHECKING:
    from aiwebhook.postgres.source_store import PostgresSourceStore

_SECRET_BYTES = 32
_ID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceServices:
    """The dependencies of managing sources."""

    store: PostgresSourceStore
    box: Callable[[], SecretBox]
    randomness: Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOrder:
    """A source to create; without an id it gets a random one."""

    kind: SourceKind
    source_id: str | None
    secret: str | None = field(repr=False)
    fields: SourceFields


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedSource:
    """A source; `secret` is set if one was generated, and is shown only this once."""

    source: SourceRow
    secret: str | None = field(default=None, repr=False)


def create_source(services: SourceServices, actor: Actor, order: SourceOrder) -> ManagedSource:
    """Create the source; a secret is generated if none was given and its kind allows it. Raises
    Invalid; Conflict when the id is taken, by any project: it is an address of the deployment.
    """
    source_id = _id_for(services, order)
    secret, made = order.secret, None
    if secret is not None:
        _check_secret(order.kind, secret)
    elif order.kind in GENERATED:
        secret = made = _new_secret(services, order.kind)
    box = None if secret is None else _sealed(services, source_id, secret)
    created = services.store.create_source(
        actor, source_id=source_id, kind=order.kind, secret_box=box, fields=order.fields
    )
    if created is None:
        raise Conflict(f"The source id '{source_id}' is in use.", code="source_exists")
    return ManagedSource(source=created, secret=made)


def rotate_source(
    services: SourceServices, actor: Actor, *, source_id: str, secret: str | None, overlap_s: int
) -> ManagedSource:
    """Replace the secret, by the given one or a generated one; the old one also counts for
    `overlap_s` seconds. Raises NotFound, Invalid; Conflict while two secrets are valid.
    """
    found = find_source(services, project_id=actor.project_id, source_id=source_id)
    kind, made = SourceKind(found.kind), None
    if secret is not None:
        _check_secret(kind, secret)
    elif kind in GENERATED:
        secret = made = _new_secret(services, kind)
    else:
        raise _wrong_secret(f"is required: the sender of kind {kind} chooses it")
    rotated = services.store.rotate_source(
        actor,
        source_id=source_id,
        secret_box=_sealed(services, source_id, secret),
        overlap_s=overlap_s,
    )
    if rotated is None:
        raise Conflict(
            f"Two secrets of this source are live until {found.previous_secret_until}.",
            code="rotation_under_way",
        )
    return ManagedSource(source=rotated, secret=made)


def find_source(services: SourceServices, *, project_id: str, source_id: str) -> SourceRow:
    """The source without its secrets. Raises NotFound."""
    found = services.store.find_source(project_id=project_id, source_id=source_id)
    if found is None:
        raise unknown_source(source_id)
    return found


def unknown_source(source_id: str) -> NotFound:
    """The error for a source that the project does not have."""
    return NotFound(f"No source '{source_id}' in this project.", code="source_not_found")


def _id_for(services: SourceServices, order: SourceOrder) -> str:
    given = order.source_id
    if given is None:
        return services.randomness(_ID_BYTES).hex()
    if order.kind is SourceKind.NONE:
        raise _wrong("/source_id", "is random where nothing is signed: leave it out")
    if given == GITHUB_SOURCE:
        raise _wrong("/source_id", f"'{given}' is the source at POST /webhook: choose another")
    return given


def _check_secret(kind: SourceKind, secret: str) -> None:
    if kind is SourceKind.NONE:
        raise _wrong_secret("must be left out: deliveries of kind none are not signed")
    if kind is SourceKind.STANDARD_WEBHOOKS and standard_key(secret) is None:
        raise _wrong_secret("must be 'whsec_' and base64")


def _new_secret(services: SourceServices, kind: SourceKind) -> str:
    key = services.randomness(_SECRET_BYTES)
    if kind is SourceKind.STANDARD_WEBHOOKS:
        return SECRET_PREFIX + base64.b64encode(key).decode("ascii")
    return key.hex()


def _sealed(services: SourceServices, source_id: str, secret: str) -> bytes:
    nonce = services.randomness(SOURCE_NONCE_BYTES)
    return services.box().seal(source_purpose(source_id), secret.encode(), nonce=nonce)


def _wrong_secret(message: str) -> Invalid:
    return _wrong("/secret", message)


def _wrong(pointer: str, message: str) -> Invalid:
    error = FieldError(pointer=pointer, message=message)
    return Invalid(f"{pointer} {message}.", errors=(error,))
