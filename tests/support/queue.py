"""Drives the queue on real Postgres: tasks are made by the real statement, time passes by moving
rows, not by sleeping.
"""

# reason: one driver for the whole queue; splitting it would only hide what tests can do

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq.abc import PGresult
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.lease import LeaseKeys, RunLease
from aiwebhook.ports.command_rows import Change, NewSession
from aiwebhook.ports.queue_rows import ClaimedTask, ClaimOrder
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.pipe import Pipe
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.start_run import RunServices
from tests.support.fakes import InMemoryBlobStore
from tests.support.fetched import fetched

KEYS = LeaseKeys("a master key for tests")
Row = dict[str, Any]
_PUBLISHED = sorted(kind.value for kind in PUBLISHED)
_OF_NO_INTEREST: Mapping[str, Any] = {
    "presumed_as": None,
    "connection": None,
    "woken_s": 600,
    "delegated_with": None,
    "repository": None,
    "max_cost_usd": None,
    "fingerprint": b"",
    "request_id": "req_1",
}
_numbers = itertools.count(1)


def credentials_of(dsn: str) -> Credentials:
    """What the secret of the database would hold."""
    parts = conninfo_to_dict(dsn)
    return Credentials(
        host=str(parts["host"]),
        port=int(str(parts["port"])),
        username=str(parts["user"]),
        password=str(parts["password"]),
        dbname=str(parts["dbname"]),
    )


def any_name(prefix: str = "name") -> str:
    """A name nobody used yet."""
    return f"{prefix}_{next(_numbers)}"


def enqueue_params(
    project_id: str,
    task_id: str,
    *,
    agent_name: str = "researcher",
    session_id: str = "session",
    priority: int = 0,
    depends_on: Sequence[str] = (),
    max_attempts: int = 3,
    max_concurrent: int = 5,
    kind: str = "python",
    not_before: datetime | None = None,
    deadline: datetime | None = None,
    callback_url: str | None = None,
    idempotency_key: str | None = None,
) -> dict[str, Any]:
    """The parameters of delegate_task.sql."""
    return {
        "project_id": project_id,
        "session_id": session_id,
        "task_id": task_id,
        "agent_name": agent_name,
        "manifest": Jsonb({"name": agent_name, "kind": kind}),
        "max_concurrent": max_concurrent,
        "priority": priority,
        "max_attempts": max_attempts,
        "timeout_s": 600,
        "not_before": not_before,
        "deadline": deadline,
        "task_type": "research",
        "description": "find out",
        "input": Jsonb({"question": "why?"}),
        "depends_on": list(depends_on),
        "callback_url": callback_url,
        **_OF_NO_INTEREST,
        "correlation_id": f"req_{task_id}",
        "idempotency_key": idempotency_key,
        "answer": Jsonb({}),
        "published": _PUBLISHED,
    }


class QueueDriver:
    """One project on a migrated database, with shortcuts for what the other builders' code does."""

    def __init__(self, dsn: str, *, project_id: str | None = None) -> None:
        self.dsn = dsn
        self.database = Database(lambda: credentials_of(dsn))
        self.store = PostgresQueueStore(self.database)
        self.commands = PostgresCommandStore(self.database)
        self.blobs = InMemoryBlobStore()
        self.runs = RunServices(store=self.store, checkpoints=self.blobs, keys=KEYS)
        self.project_id = project_id or any_name("project")
        self._sessions: set[str] = set()
        self.open_project()

    def twin(self, project_id: str | None = None) -> QueueDriver:
        """The same queue over a connection of its own; close its database."""
        twin = QueueDriver(self.dsn, project_id=project_id or self.project_id)
        twin._sessions = self._sessions if project_id is None else set()
        return twin

    def wait_for_lock_waiter(self) -> None:
        """Return when another connection waits for a lock that we hold."""
        with psycopg.connect(self.dsn, autocommit=True) as observer:
            query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while observer.execute(query).fetchone() == (0,):
                observer.execute("SELECT pg_sleep(0.01)")

    def open_project(self) -> None:
        """Make the project; harmless when it exists."""
        self.sql(
            "INSERT INTO projects (project_id, name) VALUES (%(project_id)s, 'test')"
            " ON CONFLICT DO NOTHING"
        )

    def forget_sessions(self) -> None:
        """A new project has none of the old one's."""
        self._sessions.clear()

    def drop_project(self) -> None:
        """Remove its tasks, so that no later reaper sees them."""
        self.sql("DELETE FROM sessions WHERE project_id = %(project_id)s")

    def prepare_statements(self) -> None:
        """Plan each statement once: a property test runs them ten thousand times."""
        self.connection.prepare_threshold = 1

    def endpoint(self, url: str) -> None:
        """Register a callback endpoint for all events."""
        self.sql(
            "INSERT INTO endpoints (project_id, url) VALUES (%(project_id)s, %(url)s)", url=url
        )

    def ready_in_order(self, agent_name: str) -> list[str]:
        """The ready tasks of an agent as they must be claimed, sorted here, not by the database."""
        rows = self.sql(
            "SELECT task_id, priority, fair_tag, ready_seq FROM tasks"
            " WHERE project_id = %(project_id)s AND agent_name = %(agent_name)s AND ready",
            agent_name=agent_name,
        )
        rows.sort(key=lambda row: (-row["priority"], row["fair_tag"], row["ready_seq"]))
        return [row["task_id"] for row in rows]

    def let_deadline_pass(self, task_id: str) -> None:
        """As if the task had had a deadline a second ago."""
        self.sql(
            "UPDATE tasks SET deadline = now() - interval '1 second'"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
            task_id=task_id,
        )

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The one connection; autocommit."""
        return self.database.connection

    def sql(self, query: str, **params: Any) -> list[Row]:
        """Any statement; `project_id` is always there."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(cast(LiteralString, query), {"project_id": self.project_id, **params})
            return fetched(cursor)

    def rows(self, name: str, params: Mapping[str, Any]) -> list[Row]:
        """The rows of one of our statements as they come; it goes again where it lost a race."""
        call = Call(name=name, params=params, take=_rows)
        (rows,) = self.database.together(call)
        return rows

    def agent(self, agent_name: str, *, max_concurrent: int = 1, kind: str = "python") -> str:
        """Register an agent."""
        self.sql(
            "INSERT INTO agents (project_id, agent_name, manifest, max_concurrent)"
            " VALUES (%(project_id)s, %(agent_name)s, %(manifest)s, %(max_concurrent)s)",
            agent_name=agent_name,
            manifest=Jsonb({"name": agent_name, "kind": kind}),
            max_concurrent=max_concurrent,
        )
        return agent_name

    def session(self, session_id: str) -> str:
        """Open a session, once."""
        if session_id not in self._sessions:
            self._sessions.add(session_id)
            self.sql(
                "INSERT INTO sessions (project_id, session_id)"
                " VALUES (%(project_id)s, %(session_id)s)",
                session_id=session_id,
            )
        return session_id

    def create_session(self, session_id: str) -> None:
        """The command's own write, which goes on counting where a deleted session stopped."""
        session = NewSession(
            title=None, participants=(), context=None, metadata={}, fingerprint=session_id.encode()
        )
        assert self.commands.create_session(self._change(session_id), session) is not None
        self._sessions.add(session_id)

    def delete_session(self, session_id: str) -> bool:
        """The command's own write. False: other sessions need it; harmless where it is not."""
        if session_id not in self._sessions:
            return True
        deleted = self.commands.delete_session(self._change(session_id)) is not None
        if deleted:
            self._sessions.discard(session_id)
        return deleted

    def _change(self, session_id: str) -> Change:
        return Change(
            project_id=self.project_id,
            session_id=session_id,
            request_id="req_1",
            correlation_id="req_1",
            idempotency=None,
        )

    def enqueue(
        self,
        task_id: str | None = None,
        *,
        agent_name: str = "researcher",
        session_id: str = "session",
        priority: int = 0,
        depends_on: Sequence[str] = (),
        max_attempts: int = 3,
        max_concurrent: int = 5,
        kind: str = "python",
        not_before: datetime | None = None,
        deadline: datetime | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> str:
        """Delegate a task; AssertionError when the guard refused it."""
        name = task_id or any_name("task")
        assert self.try_enqueue(
            name,
            agent_name=agent_name,
            session_id=session_id,
            priority=priority,
            depends_on=depends_on,
            max_attempts=max_attempts,
            max_concurrent=max_concurrent,
            kind=kind,
            not_before=not_before,
            deadline=deadline,
            callback_url=callback_url,
            idempotency_key=idempotency_key,
        ), f"enqueue of {name} was refused"
        return name

    def try_enqueue(
        self,
        name: str,
        *,
        agent_name: str = "researcher",
        session_id: str = "session",
        priority: int = 0,
        depends_on: Sequence[str] = (),
        max_attempts: int = 3,
        max_concurrent: int = 5,
        kind: str = "python",
        not_before: datetime | None = None,
        deadline: datetime | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> bool:
        """Delegate a task; False when the guard refused it."""
        params = enqueue_params(
            self.project_id,
            name,
            agent_name=agent_name,
            session_id=self.session(session_id),
            priority=priority,
            depends_on=depends_on,
            max_attempts=max_attempts,
            max_concurrent=max_concurrent,
            kind=kind,
            not_before=not_before,
            deadline=deadline,
            callback_url=callback_url,
            idempotency_key=idempotency_key,
        )
        return bool(self.rows("delegate_task", params))

    def claim(
        self, agent_name: str = "researcher", *, limit: int = 10, worker_id: str | None = None
    ) -> tuple[ClaimedTask, ...]:
        """Claim for launching, or as a worker."""
        order = ClaimOrder(
            project_id=self.project_id,
            agent_name=agent_name,
            limit=limit,
            lease_s=60,
            worker_id=worker_id,
        )
        return self.store.claim_tasks(order)

    def claim_one(self, agent_name: str = "researcher") -> ClaimedTask:
        """The next task, which must exist."""
        (claimed,) = self.claim(agent_name, limit=1)
        return claimed

    def running(self, agent_name: str = "researcher") -> RunLease:
        """The next task, claimed by a worker and running."""
        (claimed,) = self.claim(agent_name, limit=1, worker_id="worker_1")
        return claimed.lease

    def cancel(self, task_id: str) -> Row | None:
        """The statement behind the cancel_task command."""
        return self._command("cancel_task", task_id)

    def reply(self, task_id: str, message: Row | None = None) -> Row | None:
        """The statement behind the reply_to_task command."""
        return self._command(
            "reply_to_task",
            task_id,
            message=Jsonb(message or {"text": "Go on."}),
            reading_kinds=["python"],
        )

    def retry(self, task_id: str) -> Row | None:
        """The statement behind the retry_task command."""
        return self._command("retry_task", task_id)

    def _command(self, name: str, task_id: str, **more: object) -> Row | None:
        params: Mapping[str, Any] = {
            "project_id": self.project_id,
            "task_id": task_id,
            "session_id": "",  # whichever the task is in
            "correlation_id": f"req_{task_id}",
            "cancelled_error": Jsonb({"error_class": "cancelled"}),
            "idempotency_key": None,
            "fingerprint": b"",
            "request_id": "req_1",
            "reading_kinds": [],
            "published": _PUBLISHED,
            **more,
        }
        rows = self.rows(name, params)
        return rows[0] if rows else None

    def let_lease_run_out(self, task_id: str) -> None:
        """As if the last beat were long ago."""
        self.sql(
            "UPDATE tasks SET lease_until = now() - interval '1 second'"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s"
            " AND lease_until IS NOT NULL",
            task_id=task_id,
        )

    def let_wait_pass(self) -> None:
        """As if every back-off and not-before time had come."""
        self.sql(
            "UPDATE tasks SET run_after = now() - interval '1 second'"
            " WHERE project_id = %(project_id)s AND run_after IS NOT NULL"
        )

    def task(self, task_id: str) -> Row:
        """The queue row."""
        (row,) = self.sql(
            "SELECT * FROM tasks WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
            task_id=task_id,
        )
        return row

    def result(self, task_id: str) -> Row:
        """The stored result."""
        (row,) = self.sql(
            "SELECT * FROM task_results"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
            task_id=task_id,
        )
        return row

    def attempts(self, task_id: str) -> list[Row]:
        """The attempts in their order."""
        return self.sql(
            "SELECT *, attempt_name(attempt_id, claimed_at, lease_epoch) AS named"
            " FROM task_attempts"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s"
            " ORDER BY lease_epoch",
            task_id=task_id,
        )

    def events(self, session_id: str = "session") -> list[Row]:
        """The session's log in order."""
        return self.sql(
            "SELECT * FROM events WHERE project_id = %(project_id)s AND session_id = %(session_id)s"
            " ORDER BY seq",
            session_id=session_id,
        )

    def event_types(self, session_id: str = "session") -> list[str]:
        """The types of the session's events in order."""
        return [row["type"] for row in self.events(session_id)]

    def outbox(self) -> list[Row]:
        """What is to be pushed."""
        return self.sql("SELECT * FROM outbox WHERE project_id = %(project_id)s ORDER BY outbox_id")

    def outbox_wakes(self) -> list[str]:
        """The agents for which a row asks for a wake-up."""
        return [row["destination"] for row in self.outbox() if row["kind"] == "wake"]

    def deliveries(self) -> list[Row]:
        """The callbacks to be made."""
        return self.sql(
            "SELECT * FROM deliveries WHERE project_id = %(project_id)s ORDER BY delivery_id"
        )


@pytest.fixture
def queue(database: str) -> Iterator[QueueDriver]:
    """The queue on a database of its own."""
    driver = QueueDriver(database)
    yield driver
    driver.database.close()


def _rows(pipe: Pipe, result: PGresult) -> list[Row]:
    """As dicts."""
    names = [(result.fname(place) or b"").decode() for place in range(result.nfields)]
    return pipe.rows(result, lambda values: dict(zip(names, values, strict=True)))
