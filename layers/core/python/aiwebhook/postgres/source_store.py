"""Sources of webhooks. All methods raise Unavailable."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.ports.commands import Page
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.sources import SourceFields, SourceRow
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.keyset import keyset

_ONE = Page(limit=1)


class PostgresSourceStore:
    """Each method runs the statement of its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_source(
        self,
        actor: Actor,
        *,
        source_id: str,
        kind: str,
        secret_box: bytes | None,
        fields: SourceFields,
    ) -> SourceRow | None:
        """Create it; None when the id is taken, by any project."""
        params = {**_params(actor, fields), "source_id": source_id, "kind": kind}
        params["secret_box"] = secret_box
        return self._database.row("create_source", params, SourceRow)

    def list_sources(
        self, *, project_id: str, page: Page, source_id: str | None = None
    ) -> list[SourceRow]:
        """Sources, newest first."""
        params = {"project_id": project_id, "source_id": source_id, **keyset(page)}
        return self._database.rows("list_sources", params, SourceRow)

    def find_source(self, *, project_id: str, source_id: str) -> SourceRow | None:
        found = self.list_sources(project_id=project_id, page=_ONE, source_id=source_id)
        return found[0] if found else None

    def change_source(
        self, actor: Actor, *, source_id: str, fields: SourceFields
    ) -> SourceRow | None:
        """Change the given fields."""
        params = {**_params(actor, fields), "source_id": source_id}
        return self._database.row("change_source", params, SourceRow)

    def rotate_source(
        self, actor: Actor, *, source_id: str, secret_box: bytes, overlap_s: int
    ) -> SourceRow | None:
        """Replace the secret; None while an earlier rotation is under way."""
        params = {
            **_named(actor),
            "source_id": source_id,
            "secret_box": secret_box,
            "overlap_s": overlap_s,
        }
        return self._database.row("rotate_source", params, SourceRow)

    def delete_source(self, actor: Actor, *, source_id: str) -> bool:
        """Delete it; its deliveries stay."""
        return self._database.run("delete_source", {**_named(actor), "source_id": source_id}) == 1


def _named(actor: Actor) -> dict[str, Any]:
    return {"project_id": actor.project_id, "actor": actor.key_id}


def _params(actor: Actor, fields: SourceFields) -> dict[str, Any]:
    params = {**_named(actor), **asdict(fields)}
    params["rules"] = None if fields.rules is None else Jsonb(dict(fields.rules))
    params["cidrs"] = None if fields.cidrs is None else list(fields.cidrs)
    return params
