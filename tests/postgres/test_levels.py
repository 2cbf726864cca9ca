"""A transaction and its savepoints cost no round trips of their own, and undo what they must."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest

from aiwebhook.ports.queue_rows import WorkerSeen
from aiwebhook.postgres.flush import Call
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("W2")


def kept(queue: QueueDriver) -> list[str]:
    """As another connection sees it."""
    with psycopg.connect(queue.dsn) as other:
        rows = other.execute("SELECT worker_id FROM workers ORDER BY worker_id").fetchall()
        return [worker_id for (worker_id,) in rows]


def add(queue: QueueDriver, worker_id: str) -> None:
    queue.store.touch_worker(
        WorkerSeen(project_id=queue.project_id, worker_id=worker_id, agents=[], all_agents=False)
    )


class UndoneError(Exception):
    """What a level is left by."""


def test_a_level_that_nothing_entered_sends_nothing(queue: QueueDriver) -> None:
    with queue.database.transaction(), queue.database.transaction():
        assert queue.database.in_transaction
        assert queue.connection.info.transaction_status.name == "IDLE"
    assert not queue.database.in_transaction


def test_an_inner_level_is_undone_alone(queue: QueueDriver) -> None:
    with queue.database.transaction():
        add(queue, "l1")
        with suppress(UndoneError), queue.database.transaction():
            add(queue, "l2")
            with queue.database.transaction():
                add(queue, "l3")
            raise UndoneError
        with queue.database.transaction():
            add(queue, "l4")
    assert kept(queue) == ["l1", "l4"]


def test_the_outer_level_undoes_all(queue: QueueDriver) -> None:
    with suppress(UndoneError), queue.database.transaction():
        with queue.database.transaction():
            add(queue, "l1")
        raise UndoneError
    assert kept(queue) == []
    add(queue, "l2")
    assert kept(queue) == ["l2"]


def test_a_statement_that_fails_in_an_inner_level_leaves_the_outer_one_usable(
    queue: QueueDriver,
) -> None:
    with queue.database.transaction():
        add(queue, "l1")
        for _ in range(2):  # the second finds its statements prepared, or prepares them again
            with (
                suppress(psycopg.errors.InvalidTextRepresentation),
                queue.database.transaction(),
            ):
                add(queue, "l2")
                queue.database.together(
                    Call.run("delete_outbox", {"outbox_ids": ["none"]}),
                    Call.run("mark_workers_offline", {"silent_s": 60}),
                )
        add(queue, "l3")
        queue.store.mark_workers_offline(silent_s=60)
    assert kept(queue) == ["l1", "l3"]
