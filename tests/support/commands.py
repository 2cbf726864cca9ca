"""Drives commands on real Postgres, with fakes for everything outside the database."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, LiteralString, cast

from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.execute import execute
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.errors import Unavailable
from aiwebhook.ids import new_id
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.pipe import Pipe
from aiwebhook.postgres.wait_store import PostgresWaitStore
from aiwebhook.usecases.ensure_project import ensure_project
from aiwebhook.usecases.granted_waits import Waits
from aiwebhook.usecases.keys import KeyOrder, create_key
from tests.support.fakes import FakePublisher, FakeWaker, InMemoryBlobStore
from tests.support.fetched import fetched

_numbers = itertools.count(1)


def any_name(prefix: str = "name") -> str:
    """A name nobody used yet."""
    return f"{prefix}_{next(_numbers)}"


class CountedDatabase(Database):
    """Puts the names of the statements that it runs into `counted`, where there is such a list."""

    counted: list[str] | None = None
    _ended = False

    def end(self) -> None:
        """Close it for good: a request that is still held when its test is over opens no other."""
        self._ended = True
        self.close()

    @property
    def pipe(self) -> Pipe:
        if self._ended:
            raise Unavailable("The test is over.")
        return super().pipe

    def together(self, *calls: Call[Any]) -> list[Any]:
        if self.counted is not None:
            ahead = [later.call for later in self._along if not later.behind]
            behind = [later.call for later in self._along if later.behind]
            self.counted += [call.name for call in (*ahead, *calls, *behind)]
        return super().together(*calls)


def open_database(dsn: str) -> CountedDatabase:
    """A connection of its own to a test database."""
    parts = conninfo_to_dict(dsn)
    credentials = Credentials(
        host=str(parts["host"]),
        port=int(str(parts["port"])),
        username=str(parts["user"]),
        password=str(parts["password"]),
        dbname=str(parts["dbname"]),
    )
    return CountedDatabase(lambda: credentials)


def waits_on(database: Database, *, max_waits: int = 96) -> Waits:
    """As those of relay."""
    return Waits(
        store=PostgresWaitStore(database), function="relay", max_waits=max_waits, holds_polls=False
    )


class CommandDriver:
    """One caller of one project. `twin()` is the same caller on a connection of its own."""

    def __init__(self, dsn: str, *, project_id: str | None = None) -> None:
        self.dsn = dsn
        self.database = open_database(dsn)
        self.access = PostgresAccessStore(self.database)
        self.project_id = project_id or any_name("project")
        ensure_project(self.access, self.project_id)
        self.key = create_key(
            self.access,
            KeyOrder(name="test", scopes=(Scope.ADMIN,)),
            project_id=self.project_id,
            actor="test",
        )
        self.caller = Caller(
            project_id=self.project_id,
            key_id=self.key.row.key_id,
            scopes=frozenset({Scope.ADMIN}),
        )
        self._twins: list[Database] = []
        self.waker = FakeWaker()
        self.publisher = FakePublisher()
        self.blobs = InMemoryBlobStore()
        self.services = CommandServices(
            store=PostgresCommandStore(self.database),
            blobs=self.blobs,
            waker=self.waker,
            publisher=self.publisher,
            waits=waits_on(self.database),
        )

    def twin(self) -> CommandServices:
        """The same services on another connection, for another thread."""
        database = open_database(self.dsn)
        self._twins.append(database)
        return replace(
            self.services, store=PostgresCommandStore(database), waits=waits_on(database)
        )

    def close(self) -> None:
        """Close all connections."""
        for database in (self.database, *self._twins):
            database.close()

    def request(
        self,
        command: str,
        session_id: str | None = None,
        data: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        **more: Any,
    ) -> CommandRequest:
        """A request of this caller; `more`: reader, ack, safe."""
        request_id = new_id("req")
        return CommandRequest(
            caller=self.caller,
            command=command,
            session_id=session_id,
            data=data or {},
            request_id=request_id,
            correlation_id=request_id,
            idempotency_key=key,
            **more,
        )

    def send(
        self,
        command: str,
        session_id: str | None = None,
        data: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        services: CommandServices | None = None,
        **more: Any,
    ) -> Reply:
        """Run a command; `more`: reader, ack, safe."""
        request = self.request(command, session_id, data, key=key, **more)
        return execute(services or self.services, request)

    def finish(self, task_id: str, session_id: str = "s", status: str = "completed") -> str:
        """What the end of a run leaves, in short; the id of its event."""
        (row,) = self.sql(
            "WITH s AS (UPDATE sessions SET last_seq = last_seq + 1 WHERE project_id ="
            " %(project_id)s AND session_id = %(session_id)s RETURNING last_seq)"
            " INSERT INTO events (project_id, session_id, seq, type, task_id, data)"
            " SELECT %(project_id)s, %(session_id)s, last_seq, %(type)s, %(task_id)s, %(data)s"
            " FROM s RETURNING "
            "event_name(event_id, created_at, event_no) AS event_id",
            session_id=session_id,
            type=f"task.{status}",
            task_id=task_id,
            data=Jsonb({"say": f"{task_id} is {status}."}),
        )
        return row["event_id"]

    def session(self, session_id: str | None = None) -> str:
        """An open session."""
        name = session_id or any_name("session")
        self.send("create_session", name, {"title": "A title"})
        return name

    def sql(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Any statement; `project_id` is always there."""
        with self.database.connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(cast(LiteralString, query), {"project_id": self.project_id, **params})
            return fetched(cursor)

    def events(self, session_id: str) -> list[tuple[int, str]]:
        """(seq, type) of a session, in order."""
        rows = self.sql(
            "SELECT seq, type FROM events WHERE project_id = %(project_id)s"
            " AND session_id = %(session_id)s ORDER BY seq",
            session_id=session_id,
        )
        return [(row["seq"], row["type"]) for row in rows]

    def count(self, table: LiteralString) -> int:
        """Rows of the project in a table."""
        rows = self.sql(
            "SELECT count(*) AS n FROM " + table + " WHERE project_id = %(project_id)s"  # noqa: S608 — a literal of ours
        )
        return int(rows[0]["n"])
