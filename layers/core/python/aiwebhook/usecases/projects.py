"""Projects: created by the administrators of the project that every deployment begins with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.identity import DEFAULT_PROJECT, Caller, Scope
from aiwebhook.errors import Conflict, FieldError, Forbidden, Invalid
from aiwebhook.usecases.keys import KeyOrder, MadeKey, create_key

if TYPE_CHECKING:
    from aiwebhook.ports.project_reads import ProjectRow
    from aiwebhook.postgres.access_store import PostgresAccessStore

NEW_PROJECT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_FIRST_KEY = "first"


def create_project(
    store: PostgresAccessStore, caller: Caller, *, project_id: str, name: str
) -> tuple[ProjectRow, MadeKey]:
    """Create the project with its agents; returns it with an admin key. Run it in a transaction.
    Raises Forbidden, Invalid, Conflict.
    """
    require_default_project(caller)
    if NEW_PROJECT_ID.fullmatch(project_id) is None:
        message = (
            "must be 1–63 lower-case letters, digits, _ and -, and begin with a letter or digit"
        )
        error = FieldError(pointer="/project_id", message=message)
        raise Invalid(f"project_id {message}.", errors=(error,))
    manifests = [manifest.as_json() for manifest in built_in_manifests().values()]
    made = store.create_project(
        project_id=caller.project_id,
        new_project_id=project_id,
        name=name,
        manifests=manifests,
        actor=caller.key_id,
    )
    if made is None:
        raise Conflict(f"There is a project '{project_id}' already.", code="project_exists")
    return made, create_project_key(store, caller, project_id=project_id, name=_FIRST_KEY)


def create_project_key(
    store: PostgresAccessStore, caller: Caller, *, project_id: str, name: str
) -> MadeKey:
    """Create an admin key of another project. Raises Forbidden, Invalid, NotFound."""
    require_default_project(caller)
    order = KeyOrder(name=name, scopes=(Scope.ADMIN,))
    return create_key(store, order, project_id=project_id, actor=caller.key_id)


def require_default_project(caller: Caller) -> None:
    """Raises Forbidden unless the caller administers the project 'default'."""
    if caller.project_id != DEFAULT_PROJECT:
        raise Forbidden(
            f"Projects are managed with a key of the project '{DEFAULT_PROJECT}'.",
            code="default_project_only",
        )
