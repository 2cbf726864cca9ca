"""The accounting of the kill test finds what it is there to find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from aiwebhook.client import Client
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.usecases.complete_run import complete_run
from tests.kill.checker import Checker
from tests.kill.workload import Ledger, Write
from tests.support.commands import CommandDriver
from tests.support.queue import QueueDriver
from tests.support.receiver import Callback, Receiver
from tests.support.tenant import Tenant

NOBODY = "http://127.0.0.1:9"
WRITES = (
    ("session", "create_session", {"title": "Storm"}),
    ("chunk", "append_conversation", {"content": "Ana: chunk-1"}),
    ("memory", "store_memory", {"type": "note", "key": "memory-1", "content": "memory-1"}),
    ("task", "delegate_task", {"agent_name": "researcher", "description": "task-1"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """A storm that lost nothing."""

    tenant: Tenant
    ledger: Ledger
    receiver: Receiver

    def found(self) -> set[str]:
        """The kinds of what the checker finds."""
        return set(Checker(self.tenant, self.ledger, self.receiver).check().all())


@pytest.fixture
def calm(database: str) -> Iterator[Calm]:
    driver = CommandDriver(database)
    queue = QueueDriver(database, project_id=driver.project_id)
    queue.endpoint(NOBODY)
    ledger = Ledger()
    for kind, command, data in WRITES:
        reply = driver.send(command, "storm", data)
        told = {"data": reply.data}
        ledger.writes.append(
            Write(
                kind=kind,
                command=command,
                session_id="storm",
                marker=f"{kind}-1",
                data=data,
                told=told,
            )
        )
    complete_run(
        queue.store,
        queue.running("researcher"),
        Completion(output={"question": "why?", "findings": [], "sources": []}),
    )
    driver.sql("DELETE FROM outbox")
    driver.sql("UPDATE deliveries SET status = 'delivered'")
    receiver = receiver_of_all(driver)
    with Client(NOBODY) as client:
        tenant = Tenant(project_id=driver.project_id, key="", client=client, dsn=database)
        yield Calm(tenant=tenant, ledger=ledger, receiver=receiver)
    queue.database.close()
    driver.close()


def receiver_of_all(driver: CommandDriver) -> Receiver:
    """It got every callback."""
    receiver = Receiver(9)
    rows = driver.sql(
        "SELECT d.delivery_id, e.event_id FROM deliveries d JOIN events e USING (event_no)"
    )
    for row in rows:
        receiver.take(
            Callback(
                path="/",
                headers={"webhook-id": row["delivery_id"]},
                body=json.dumps({"type": "x", "data": {"event_id": row["event_id"]}}).encode(),
                received_at=datetime(2026, 11, 22, tzinfo=UTC),
            )
        )
    return receiver


def test_a_storm_that_lost_nothing_has_no_findings(calm: Calm) -> None:
    assert calm.receiver.callbacks
    assert calm.found() == set()


HARM = {
    "a chunk is gone": ("lost", "DELETE FROM conversation_chunks"),
    "a memory is gone": ("lost", "DELETE FROM memories"),
    "a task is gone": ("lost", "DELETE FROM tasks"),
    "an event is gone": ("lost", "DELETE FROM events WHERE seq = 2"),
    "nobody asked for it": ("unexpected", "UPDATE task_payloads SET description = 'task-2'"),
    "a chunk is there twice": (
        "duplicated",
        """
        INSERT INTO conversation_chunks
            (project_id, session_id, chunk_id, seq, content, size, format)
        SELECT project_id, session_id, 'again', seq, content, size, format
        FROM conversation_chunks
        """,
    ),
    "a task ended twice": (
        "duplicated",
        "UPDATE events SET type = 'task.completed' WHERE type = 'task.claimed'",
    ),
    "nobody is told": ("duplicated", "DELETE FROM deliveries"),
    "a zombie's result": ("stale", "UPDATE task_results SET lease_epoch = lease_epoch - 1"),
    "a zombie's progress": (
        "stale",
        "UPDATE events SET seq = 100, type = 'task.progress' WHERE type = 'task.created'",
    ),
    "still running": ("unfinished", "UPDATE tasks SET status = 'running', lease_until = now()"),
    "not delivered": ("unfinished", "UPDATE deliveries SET status = 'pending'"),
    "not published": (
        "unfinished",
        "INSERT INTO outbox (project_id, kind) SELECT project_id, 'wake' FROM tasks",
    ),
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_is_found(calm: Calm, harm: str) -> None:
    finding, statement = HARM[harm]
    calm.tenant.sql(statement)
    assert finding in calm.found()


def test_a_callback_that_never_came_is_found(calm: Calm) -> None:
    calm.receiver.callbacks.clear()
    assert calm.found() == {"lost"}


def test_a_callback_that_came_under_two_ids_is_found(calm: Calm) -> None:
    [first, *_] = calm.receiver.callbacks
    calm.receiver.take(
        Callback(
            path="/",
            headers={"webhook-id": "dlv_2"},
            body=first.body,
            received_at=first.received_at,
        )
    )
    assert calm.found() == {"duplicated"}
