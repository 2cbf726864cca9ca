"""A storm that lost nothing, in a database in which a test may do harm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString, cast

import psycopg
from psycopg.rows import DictRow

from aiwebhook.client import Json
from aiwebhook.ports.queue_rows import Completion, RunMemory
from aiwebhook.usecases.complete_run import complete_run
from tests.kill.check_deliveries import check_deliveries
from tests.kill.checker import Checker
from tests.kill.ledger import Ledger, Write
from tests.support.commands import CommandDriver
from tests.support.fetched import fetched
from tests.support.queue import QueueDriver
from tests.support.receiver import Callback, Receiver
from tests.support.tenant import Tenant

_DECISION = "We decided to take supplier decision-1."
_ITEM = {"type": "note", "content": "chunk-1"}
# Kind, command, session, data; in the order in which they are given.
_WRITES: tuple[tuple[str, str, str, Json], ...] = (
    ("session", "create_session", "storm", {"title": "Storm"}),
    ("session", "create_session", "errand", {}),
    (
        "chunk",
        "append_conversation",
        "storm",
        {"content": "Ana: chunk-1", "extracted_items": [_ITEM]},
    ),
    (
        "decision",
        "append_conversation",
        "storm",
        {"content": f"Ana: {_DECISION}", "chunk_id": "said"},
    ),
    ("memory", "store_memory", "storm", {"type": "note", "key": "memory-1", "content": "memory-1"}),
    (
        "insight",
        "store_memory",
        "storm",
        {"type": "fact", "key": "told", "content": {"text": "insight-1"}},
    ),
    (
        "artifact",
        "add_artifact",
        "storm",
        {"name": "artifact-1", "type": "note", "content": "artifact-1"},
    ),
    (
        "batch",
        "batch",
        "storm",
        {
            "commands": [
                {
                    "command": "store_memory",
                    "data": {"type": "note", "key": f"batch-1-{half}", "content": "half"},
                }
                for half in ("a", "b")
            ]
        },
    ),
    (
        "task",
        "delegate_task",
        "storm",
        {
            "agent_name": "codex",
            "description": "task-1",
            "task_id": "task",
            "input_data": {"chunk_ids": ["said"]},
        },
    ),
    (
        "errand",
        "delegate_task",
        "errand",
        {"agent_name": "researcher", "description": "errand-1", "task_id": "errand"},
    ),
    ("reply", "reply_to_task", "errand", {"task_id": "errand", "message": "reply-1"}),
    ("cancel", "cancel_task", "errand", {"task_id": "errand"}),
    ("retry", "retry_task", "errand", {"task_id": "errand"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmed(Tenant):
    """All its statements are in one transaction, which is taken back in the end."""

    connection: psycopg.Connection[DictRow]

    def sql(self, query: str, **params: Any) -> list[Json]:
        """What the database says within that transaction."""
        cursor = self.connection.execute(
            cast(LiteralString, query), {"project_id": self.project_id, **params}
        )
        return fetched(cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """What a checker looks at."""

    tenant: Tenant
    ledger: Ledger
    receiver: Receiver

    def found(self) -> dict[str, list[str]]:
        """What the checkers find, by kind."""
        checker = Checker(self.tenant, self.ledger, self.receiver)
        findings = checker.check()
        check_deliveries(self.tenant, self.ledger, findings)
        return findings.all()


def settle(dsn: str, callbacks_to: str) -> tuple[str, Ledger]:
    """Fill the database: the project, and what its clients were told."""
    driver = CommandDriver(dsn)
    queue = QueueDriver(dsn, project_id=driver.project_id)
    queue.endpoint(callbacks_to)
    ledger = Ledger()
    for kind, command, session_id, data in _WRITES:
        told = {"data": driver.send(command, session_id, data).data}
        write = Write(
            kind=kind,
            command=command,
            session_id=session_id,
            marker=f"{kind}-1",
            data=data,
            told=told,
        )
        ledger.writes.append(write)
    _end_the_runs(queue)
    _deliver(driver, ledger)
    driver.sql("DELETE FROM outbox")
    driver.sql("UPDATE deliveries SET status = 'delivered'")
    queue.database.close()
    driver.close()
    return driver.project_id, ledger


def _end_the_runs(queue: QueueDriver) -> None:
    note = RunMemory(key="note-task", type="note", content="task", tags=(), source=None)
    decision = RunMemory(
        key="decided", type="decision", content={"text": _DECISION}, tags=(), source=None
    )
    done = Completion(output={}, memories=[note, decision])
    complete_run(queue.store, queue.running("codex"), done)
    queue.sql(
        "INSERT INTO artifacts (project_id, artifact_id, session_id, task_id, name, type, content,"
        " size) VALUES (%(project_id)s, 'art', 'storm', 'task', 'note.md', 'note', '# Done', 6)"
    )
    answer: Json = {"question": "why?", "findings": [], "sources": []}
    complete_run(queue.store, queue.running("researcher"), Completion(output=answer))


def _deliver(driver: CommandDriver, ledger: Ledger) -> None:
    """One delivery, and another under its GUID."""
    for number, conflict in enumerate((False, True), start=1):
        marker = f"delivery-{number}"
        [row] = driver.sql(
            "INSERT INTO inbound_deliveries"
            " (project_id, source, hook_id, guid, event_type, headers, body, body_sha256, conflict)"
            " VALUES (%(project_id)s, 'github', '1', 'guid', 'push', '{}', %(body)s,"
            "  sha256(%(body)s), %(conflict)s) RETURNING delivery_id",
            body=json.dumps({"marker": marker}).encode(),
            conflict=conflict,
        )
        driver.sql(
            "INSERT INTO events (project_id, type, data) VALUES (%(project_id)s,"
            " 'delivery.received', jsonb_build_object('delivery_id', %(delivery_id)s::text))",
            **row,
        )
        write = Write(
            kind="delivery",
            command="push",
            session_id="",
            marker=marker,
            data={"guid": "guid", "conflict": conflict},
            told=row,
        )
        ledger.writes.append(write)


def receiver_of_all(tenant: Tenant) -> Receiver:
    """It got every callback."""
    receiver = Receiver(9)
    for row in tenant.sql(
        "SELECT d.delivery_id, event_name(e.event_id, e.created_at, e.event_no) AS event_id"
        " FROM deliveries d JOIN events e USING (event_no)"
    ):
        body = json.dumps({"type": "x", "data": {"event_id": row["event_id"]}}).encode()
        receiver.take(
            Callback(
                path="/",
                headers={"webhook-id": row["delivery_id"]},
                body=body,
                received_at=datetime(2026, 11, 22, tzinfo=UTC),
            )
        )
    return receiver
