"""API keys and projects. All methods raise Unavailable when the database is unavailable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.ports.access import KeyRow, NewKey
from aiwebhook.ports.project_reads import ProjectRow
from aiwebhook.postgres.database import Database

ABSENT = "This release has no agent of that name"
"""Why an agent of an older release has the status error."""


class PostgresAccessStore:
    """API keys with their rate limits; projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_key(self, key: NewKey, *, actor: str) -> KeyRow | None:
        """Store a key, with an audit entry; None when the project does not exist."""
        params = {
            **_identity(key),
            "name": key.name,
            "scopes": list(key.scopes),
            "cidrs": list(key.cidrs),
            "rate_per_minute": key.rate_per_minute,
            "burst": key.burst,
            "expires_at": key.expires_at,
            "actor": actor,
        }
        return self._database.row("create_key", params, KeyRow)

    def list_keys(self, *, project_id: str) -> Sequence[KeyRow]:
        """All keys of a project, newest first."""
        return self._database.rows("list_keys", {"project_id": project_id}, KeyRow)

    def revoke_key(self, *, project_id: str, key_id: str, actor: str) -> KeyRow | None:
        """End a key at once, with an audit entry; revoking twice is harmless."""
        params = {"project_id": project_id, "key_id": key_id, "actor": actor}
        return self._database.row("revoke_key", params, KeyRow)

    def rotate_key(
        self, key: NewKey, *, replaces: str, overlap_s: int, actor: str
    ) -> KeyRow | None:
        """Create `key` with the rights of `replaces`, which expires after `overlap_s`; None when
        `replaces` is not a valid key.
        """
        params = {**_identity(key), "replaces": replaces, "overlap_s": overlap_s, "actor": actor}
        return self._database.row("rotate_key", params, KeyRow)

    def create_project(
        self,
        *,
        project_id: str,
        new_project_id: str,
        name: str,
        manifests: Sequence[Mapping[str, Any]],
        actor: str,
    ) -> ProjectRow | None:
        """Make a project with its agents; `project_id` is the one whose audit log says so. None:
        the id is taken.
        """
        params = {
            "project_id": project_id,
            "new_project_id": new_project_id,
            "name": name,
            "manifests": Jsonb(list(manifests)),
            "actor": actor,
        }
        return self._database.row("create_project", params, ProjectRow)

    def ensure_project(
        self, *, project_id: str, name: str, manifests: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Create the project and its agents if they are missing; True when the project is new."""
        params = {
            "project_id": project_id,
            "name": name,
            "manifests": Jsonb(list(manifests)),
            "absent": ABSENT,
        }
        return self._database.value("ensure_project", params, bool) is True


def _identity(key: NewKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "project_id": key.project_id,
        "prefix": key.prefix,
        "key_hash": key.key_hash,
    }
