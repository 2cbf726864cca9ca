"""Whether GitHub is asked for the missing deliveries of a source, and with which credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiwebhook.domain.egress import EgressRefused, parse_target
from aiwebhook.domain.github_app import NotAPrivateKey, read_rsa_key
from aiwebhook.domain.github_hook import hook_place
from aiwebhook.domain.secret_box import NONCE_BYTES, SecretBox
from aiwebhook.errors import FieldError, Invalid, NotFound
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.reconciliation import ReconciliationFields, ReconciliationRow

if TYPE_CHECKING:
    from aiwebhook.postgres.reconciliation_store import PostgresReconciliationStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationServices:
    """The dependencies of managing reconciliations. `allow_loopback`: the local stack only."""

    store: PostgresReconciliationStore
    box: Callable[[], SecretBox]
    randomness: Callable[[int], bytes]
    allow_loopback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationOrder:
    """The credentials for GitHub: a token, or an App's id and private key."""

    hook: str
    api_url: str
    app_id: str | None = None
    token: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)


def reconciliation_purpose(project_id: str, source_id: str) -> str:
    """The purpose that a token is sealed for: it opens for no other source."""
    return f"reconciliation {project_id} {source_id}"


def set_reconciliation(
    services: ReconciliationServices, actor: Actor, *, source_id: str, order: ReconciliationOrder
) -> ReconciliationRow:
    """Create or change a reconciliation; it runs from the next tick on. Raises Invalid; NotFound
    when the project has no such GitHub source.
    """
    place = hook_place(order.hook)
    if place is None:
        raise _wrong("/hook", "must be repos/OWNER/REPO/hooks/ID, orgs/ORG/hooks/ID, or app/hook")
    secret = _secret(order, of_app=place.of_app)
    api_url = order.api_url.rstrip("/")
    target = parse_target(api_url, allow_loopback=services.allow_loopback)
    if isinstance(target, EgressRefused):
        raise _wrong("/api_url", target.reason)
    purpose = reconciliation_purpose(actor.project_id, source_id)
    box = services.box().seal(purpose, secret.encode(), nonce=services.randomness(NONCE_BYTES))
    found = services.store.set_reconciliation(
        actor,
        source_id=source_id,
        fields=ReconciliationFields(
            hook=place.path,
            hook_id=place.hook_id,
            api_url=api_url,
            app_id=order.app_id,
            secret_box=box,
        ),
    )
    if found is None:
        raise NotFound(
            f"No source '{source_id}' of kind github in this project.", code="source_not_found"
        )
    return found


def _secret(order: ReconciliationOrder, *, of_app: bool) -> str:
    if of_app:
        if order.app_id is None:
            raise _wrong("/app_id", "is required for app/hook")
        if order.private_key is None:
            raise _wrong("/private_key", "is required for app/hook")
        if order.token is not None:
            raise _wrong("/token", "must be left out for app/hook: an App logs in with its key")
        try:
            read_rsa_key(order.private_key.encode())
        except NotAPrivateKey as exc:
            raise _wrong("/private_key", f"cannot be read: {exc}") from exc
        return order.private_key
    if order.token is None:
        raise _wrong("/token", "is required for a hook of a repository or an organisation")
    if order.app_id is not None or order.private_key is not None:
        raise _wrong("/app_id", "is for app/hook only: GitHub shows no other hook to an App's key")
    return order.token


def no_reconciliation(source_id: str) -> NotFound:
    """The error for a source without a reconciliation."""
    return NotFound(
        f"GitHub is not asked about '{source_id}'.",
        code="reconciliation_not_found",
    )


def _wrong(pointer: str, message: str) -> Invalid:
    error = FieldError(pointer=pointer, message=message)
    return Invalid(f"{pointer} {message}.", errors=(error,))
