"""A project of its own on a running stack, so that journeys do not see each other."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, Protocol, cast

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from aiwebhook.client import Client, Json
from aiwebhook.domain.identity import Scope
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.usecases.ensure_project import ensure_project
from aiwebhook.usecases.keys import KeyOrder, create_key
from tests.support.commands import any_name, open_database
from tests.support.fetched import fetched

_STAY_PLAYED = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'stay_played') THEN
        CREATE FUNCTION stay_played() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER stay_played BEFORE UPDATE OF manifest ON agents FOR EACH ROW
            WHEN (OLD.manifest ->> 'kind' = 'command' AND NEW.manifest ->> 'kind' <> 'command')
            EXECUTE FUNCTION stay_played();
    END IF;
END $$
"""


class Stack(Protocol):
    """What of a running stack is needed here."""

    @property
    def url(self) -> str:
        """Where it serves."""
        ...

    @property
    def dsn(self) -> str: ...

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function by its name in functions/."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One project, its admin key, and a client that carries it."""

    project_id: str
    key: str
    client: Client
    dsn: str

    def session(self, session_id: str | None = None, **fields: Any) -> str:
        """An open session, made by webhook."""
        name = session_id or any_name("session")
        self.client.command("create_session", name, {"title": "A title", **fields})
        return name

    def delegate(self, session_id: str, agent_name: str, **fields: Any) -> str:
        """The id of a task delegated by webhook."""
        data = {"agent_name": agent_name, "description": "Do what you do.", **fields}
        return str(self.client.command("delegate_task", session_id, data)["data"]["task_id"])

    def ended(self, task_id: str, *, within_s: float = 40.0) -> Json:
        """The task once it stands still."""
        return self.client.wait_for_task(task_id, timeout_s=within_s)

    def events(self, session_id: str) -> list[Json]:
        """The whole log of a session, page by page."""
        found: list[Json] = []
        while page := self.client.events(session_id, after_seq=len(found))["items"]:
            found += page
        return found

    def sql(self, query: str, **params: Any) -> list[Json]:
        """What the database says; `project_id` is always there."""
        return rows(self.dsn, query, project_id=self.project_id, **params)

    def play(self, agent_name: str, script: str, **changes: Any) -> None:
        """In this project the agent is a Python program of the test's (kind `command`), also after
        the stack has started anew and brought its agents up to date.
        """
        command: Sequence[str] = [sys.executable, "-c", script]
        of_other_kinds = dict.fromkeys(("entrypoint", "runs_on", "brief", "model", "mcp_servers"))
        manifest = {**of_other_kinds, "kind": "command", "command": command, **changes}
        query = (
            "UPDATE agents SET manifest = jsonb_strip_nulls(manifest || %(changes)s)"
            "  - 'input_schema' - 'output_schema',"
            " max_concurrent = coalesce(%(cap)s, max_concurrent)"
            " WHERE project_id = %(project_id)s AND agent_name = %(agent_name)s"
        )
        cap = changes.get("max_concurrent")
        self.sql(_STAY_PLAYED)
        self.sql(query, agent_name=agent_name, changes=Jsonb(manifest), cap=cap)


@contextmanager
def tenant(stack: Stack, project_id: str | None = None) -> Generator[Tenant]:
    """A new project; its data stays in the database until the stack's home goes."""
    name = project_id or any_name("project")
    database = open_database(stack.dsn)
    store = PostgresAccessStore(database)
    ensure_project(store, name)
    order = KeyOrder(name="test", scopes=(Scope.ADMIN,), rate_per_minute=60_000, burst=10_000)
    made = create_key(store, order, project_id=name, actor="test")
    database.connection.close()
    with Client(stack.url, api_key=made.key) as client:
        yield Tenant(project_id=name, key=made.key, client=client, dsn=stack.dsn)


def rows(dsn: str, query: str, **params: Any) -> list[Json]:
    """Any statement on a connection of its own: nothing stays open while a test stops Postgres."""
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        cursor.execute(cast(LiteralString, query), params)
        return fetched(cursor)


def tick(stack: Stack) -> Json:
    """What the schedule does every minute, at once; the reaper's counts."""
    return stack.invoke("reaper", {"source": "aws.events", "detail-type": "Scheduled Event"})
