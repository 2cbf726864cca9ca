"""The accounting of the kill test finds what it is there to find."""

# reason: each check of the checker, seen to fail, in one table

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from aiwebhook.client import Client
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.kill.calm import Calm, Harmed, receiver_of_all, settle
from tests.kill.cap_watch import CapWatch
from tests.kill.ledger import Ledger
from tests.support.postgres import clone
from tests.support.receiver import Callback
from tests.support.tenant import rows
from tests.support.waiting import eventually

NOBODY = "http://127.0.0.1:9"

pytestmark = pytest.mark.xdist_group("calm storm")


@pytest.fixture(scope="module")
def settled(
    postgres_server: EmbeddedPostgres, migrated_template: str
) -> Iterator[tuple[str, str, Ledger]]:
    """One database for all: no test commits its harm."""
    with clone(postgres_server, migrated_template, "calm_storm") as dsn:
        yield (dsn, *settle(dsn, NOBODY))


@pytest.fixture
def calm(settled: tuple[str, str, Ledger]) -> Iterator[Calm]:
    dsn, project_id, ledger = settled
    with (
        psycopg.Connection[DictRow].connect(dsn, row_factory=dict_row) as connection,
        Client(NOBODY) as client,
    ):
        tenant = Harmed(
            project_id=project_id, key="", client=client, dsn=dsn, connection=connection
        )
        yield Calm(tenant=tenant, ledger=ledger, receiver=receiver_of_all(tenant))
        connection.rollback()


def test_a_storm_that_lost_nothing_has_no_findings(calm: Calm) -> None:
    assert calm.receiver.callbacks
    assert calm.found() == {}


# What is done → the kind of finding, with words of it where another might hide it.
HARM = {
    "a session that nobody opened": (
        "unexpected: session",
        "INSERT INTO sessions (project_id, session_id) SELECT project_id, 'storm-2' FROM projects",
    ),
    "a chunk is gone": ("lost", "DELETE FROM conversation_chunks WHERE content ~ 'chunk'"),
    "what was extracted is gone": ("lost", "UPDATE conversation_chunks SET extracted_items = '[]'"),
    "a decision is gone": ("lost", "DELETE FROM conversation_chunks WHERE chunk_id = 'said'"),
    "a memory is gone": ("lost", "DELETE FROM memories WHERE key = 'memory-1'"),
    "half a batch is gone": ("lost", "DELETE FROM memories WHERE key = 'batch-1-b'"),
    "an insight is gone": ("lost", "DELETE FROM memories WHERE key = 'told'"),
    "an insight is there twice": (
        "duplicated",
        """
        INSERT INTO memories (project_id, session_id, key, version, type, content)
        SELECT project_id, session_id, 'told again', 1, type, content
        FROM memories WHERE key = 'told'
        """,
    ),
    "an artifact is gone": ("lost", "DELETE FROM artifacts WHERE name = 'artifact-1'"),
    "an artifact is there twice": (
        "duplicated",
        """
        INSERT INTO artifacts (project_id, artifact_id, session_id, name, type, content, size)
        SELECT project_id, 'again', session_id, name, type, content, size
        FROM artifacts WHERE name = 'artifact-1'
        """,
    ),
    "a task is gone": ("lost", "DELETE FROM tasks"),
    "an event is gone": ("lost", "DELETE FROM events WHERE seq = 2"),
    "nobody asked for it": (
        "unexpected",
        "UPDATE task_payloads SET description = 'task-2' WHERE task_id = 'task'",
    ),
    "a chunk is there twice": (
        "duplicated",
        """
        INSERT INTO conversation_chunks
            (project_id, session_id, chunk_id, seq, content, size, format)
        SELECT project_id, session_id, 'again', seq, content, size, format
        FROM conversation_chunks WHERE chunk_id <> 'said'
        """,
    ),
    "a task ended twice": (
        "duplicated: 2 endings",
        """
        UPDATE events SET type = 'task.completed'
        WHERE type = 'task.claimed' AND task_id = 'task'
        """,
    ),
    "a task has another id than its client was told": (
        "lost: task task-1 was told as",
        """
        UPDATE task_payloads
        SET description = CASE task_id WHEN 'task' THEN 'errand-1' ELSE 'task-1' END
        """,
    ),
    "nobody is told": ("duplicated", "DELETE FROM deliveries"),
    "a zombie's result": (
        "stale",
        "UPDATE task_results SET lease_epoch = lease_epoch - 1 WHERE task_id = 'task'",
    ),
    "a zombie's start": (
        "stale: started by a zombie",
        """
        UPDATE events SET data = data || '{"attempt": 2}'
        WHERE type = 'task.claimed' AND task_id = 'task'
        """,
    ),
    "a zombie's progress": (
        "stale",
        """
        UPDATE events SET seq = 100, type = 'task.progress'
        WHERE type = 'task.created' AND task_id = 'task'
        """,
    ),
    "still running": (
        "unfinished",
        "UPDATE tasks SET status = 'running', lease_until = now() WHERE task_id = 'task'",
    ),
    "not delivered": ("unfinished", "UPDATE deliveries SET status = 'pending'"),
    "not published": (
        "unfinished",
        "INSERT INTO outbox (project_id, kind) SELECT project_id, 'wake' FROM tasks",
    ),
    "a run's memory has two versions": (
        "duplicated: versions of memory",
        """
        INSERT INTO memories (project_id, session_id, key, version, type, content, current)
        SELECT project_id, session_id, key, version + 1, type, content, false
        FROM memories WHERE key = 'note-task'
        """,
    ),
    "a run's memory is gone": ("lost", "DELETE FROM memories WHERE key = 'note-task'"),
    "a run's artifact is gone": ("lost", "DELETE FROM artifacts WHERE task_id = 'task'"),
    "what a run extracted is gone": ("lost", "DELETE FROM memories WHERE key = 'decided'"),
    "what a run extracted is there twice": (
        "duplicated",
        """
        INSERT INTO memories (project_id, session_id, key, version, current, type, content)
        SELECT project_id, session_id, key, 2, false, type, content
        FROM memories WHERE key = 'decided'
        """,
    ),
    "a cancel is lost": (
        "lost",
        "UPDATE events SET type = 'task.completed' WHERE type = 'task.cancelled'",
    ),
    "a cancel that nobody asked for": (
        "unexpected",
        """
        UPDATE events SET type = 'task.cancelled'
        WHERE type = 'task.completed' AND task_id = 'errand'
        """,
    ),
    "an errand failed": (
        "unexpected",
        """
        UPDATE events SET type = 'task.failed'
        WHERE type = 'task.completed' AND task_id = 'errand'
        """,
    ),
    "a retry is lost": (
        "lost",
        "UPDATE events SET data = data - 'retried' WHERE type = 'task.requeued'",
    ),
    "a retry that nobody asked for": (
        "duplicated: retries",
        """
        UPDATE events SET type = 'task.requeued', data = '{"retried": true}'
        WHERE type = 'task.claimed' AND task_id = 'errand'
        """,
    ),
    "a reply is gone": ("lost", "DELETE FROM task_messages"),
    "a reply has another number": (
        "lost: was told as",
        "UPDATE task_messages SET message_no = DEFAULT",
    ),
    "a reply is there twice": (
        "duplicated",
        """
        INSERT INTO task_messages (project_id, task_id, message)
        SELECT project_id, task_id, message FROM task_messages
        """,
    ),
    "a reply that nobody gave": (
        "unexpected",
        """UPDATE task_messages SET message = '{"text": "reply-2"}'""",
    ),
    "a reply has no event": (
        "lost",
        "UPDATE events SET type = 'task.progress' WHERE type = 'task.message'",
    ),
    "a reply has two events": (
        "duplicated",
        """
        UPDATE events SET type = 'task.message', data = (
            SELECT data FROM events WHERE type = 'task.message'
        )
        WHERE type = 'task.claimed' AND task_id = 'errand'
        """,
    ),
    "an errand ended twice in one life": (
        "duplicated: life 1",
        """
        UPDATE events SET type = 'task.completed'
        WHERE type = 'task.claimed' AND task_id = 'errand'
        """,
    ),
    "an errand was heard of after its end": (
        "stale",
        """
        UPDATE events SET seq = 100, type = 'task.progress'
        WHERE type = 'task.claimed' AND task_id = 'errand'
        """,
    ),
    "a life of an errand has no end": (
        "unfinished",
        """
        UPDATE events SET type = 'task.progress'
        WHERE type = 'task.completed' AND task_id = 'errand'
        """,
    ),
    "an errand is still running": (
        "unfinished: garden, errand",
        "UPDATE tasks SET status = 'running', lease_until = now() WHERE task_id = 'errand'",
    ),
    "an errand's result is a zombie's": (
        "stale",
        "UPDATE task_results SET lease_epoch = lease_epoch - 1 WHERE task_id = 'errand'",
    ),
    "a delivery is gone": ("lost", "DELETE FROM inbound_deliveries WHERE NOT conflict"),
    "a delivery is there twice": (
        "duplicated",
        """
        INSERT INTO inbound_deliveries
            (project_id, source, hook_id, guid, event_type, headers, body, body_sha256)
        SELECT project_id, source, hook_id, 'another', event_type, headers, body, body_sha256
        FROM inbound_deliveries WHERE NOT conflict
        """,
    ),
    "a delivery that nobody sent": (
        "unexpected",
        """
        UPDATE inbound_deliveries SET body = convert_to('{"marker": "delivery-3"}', 'UTF8')
        WHERE NOT conflict
        """,
    ),
    "a delivery is kept under another GUID": (
        "lost",
        "UPDATE inbound_deliveries SET guid = 'another' WHERE NOT conflict",
    ),
    "a conflict is not marked": (
        "lost",
        "UPDATE inbound_deliveries SET conflict = false WHERE conflict",
    ),
    "a delivery has no event": ("lost", "DELETE FROM events WHERE type = 'delivery.received'"),
    "a delivery has two events": (
        "duplicated",
        """
        INSERT INTO events (project_id, type, data)
        SELECT project_id, type, data FROM events WHERE type = 'delivery.received'
        """,
    ),
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_is_found(calm: Calm, harm: str) -> None:
    finding, statement = HARM[harm]
    kind, _, words = finding.partition(": ")
    calm.tenant.sql(statement)
    assert any(words in found for found in calm.found()[kind])


def test_a_callback_that_never_came_is_found(calm: Calm) -> None:
    calm.receiver.callbacks.clear()
    assert calm.found().keys() == {"lost"}


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
    assert calm.found().keys() == {"duplicated"}


def test_a_callback_that_nobody_expected_is_found(calm: Calm) -> None:
    [first, *_] = calm.receiver.callbacks
    event_id = first.document["data"]["event_id"]
    calm.receiver.take(
        Callback(
            path="/",
            headers={"webhook-id": "dlv_3"},
            body=first.body.replace(event_id.encode(), b"evt_of_nobody"),
            received_at=first.received_at,
        )
    )
    assert calm.found() == {"unexpected": ["callback of evt_of_nobody"]}


def test_a_cap_that_is_exceeded_and_a_second_lease_are_seen(database: str) -> None:
    settle(database, NOBODY)
    for statement in (
        "UPDATE agents SET max_concurrent = 1",
        "UPDATE tasks SET agent_name = 'codex', status = 'running', lease_until = now()",
        "UPDATE task_attempts SET finished_at = NULL",
        """
        INSERT INTO task_attempts (project_id, task_id, lease_epoch, agent_name, status)
        SELECT project_id, task_id, lease_epoch + 100, agent_name, 'launching' FROM task_attempts
        """,
    ):
        rows(database, statement)
    with CapWatch(database) as watch:
        eventually(lambda: watch.looks > 0)
    assert {seen.partition(": ")[2] for seen in watch.exceeded} == {"2 of 1", "2 open attempts"}
