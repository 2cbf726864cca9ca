"""Whoever locks several tasks and sessions takes all tasks first, each kind in key order."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.queue_rows import Completion, RunMemory
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.usecases.complete_run import complete_runs
from tests.support.commands import open_database
from tests.support.queue import QueueDriver

CLIENTS, SESSIONS, ROUNDS = 16, 6, 3


def leases(queue: QueueDriver, count: int) -> list[RunLease]:
    """Of runs in all sessions in turn."""
    for number in range(count):
        queue.enqueue(session_id=f"session_{number % SESSIONS}", max_concurrent=1_000)
    claimed: list[RunLease] = []
    while len(claimed) < count:
        claimed += [one.lease for one in queue.claim(limit=count, worker_id="w")]
    return claimed


def report(lease: RunLease, *, key: str | None) -> RunReport:
    memories = [RunMemory(key=key, type="fact", content=lease.task_id)] if key else []
    return RunReport(lease=lease, completion=Completion(output={}, memories=memories))


@pytest.mark.req("T2", "T8")
def test_sixteen_who_complete_batches_with_memories_never_wait_in_a_ring(
    queue: QueueDriver,
) -> None:
    """Every run writes the same key, so any two of a session meet; each statement runs once, so
    nobody was undone: neither by a deadlock nor by another's version.
    """
    databases = [open_database(queue.dsn) for _ in range(CLIENTS)]
    stores = [type(queue.store)(database) for database in databases]
    for database in databases:
        database.counted = []
    for turn in range(ROUNDS):
        start = threading.Barrier(CLIENTS)
        mixed = leases(queue, CLIENTS * SESSIONS)
        random.Random(turn).shuffle(mixed)
        batches = [mixed[number::CLIENTS] for number in range(CLIENTS)]

        def complete(
            number: int,
            batches: Sequence[Sequence[RunLease]] = batches,
            start: threading.Barrier = start,
        ) -> list[object]:
            reports = [
                report(lease, key="k" if place else None)
                for place, lease in enumerate(batches[number])
            ]
            start.wait()
            return list(complete_runs(stores[number], reports).outcomes)

        with ThreadPoolExecutor(CLIENTS) as pool:
            told = [one for outcomes in pool.map(complete, range(CLIENTS)) for one in outcomes]
        assert {getattr(one, "status", one) for one in told} == {"completed"}
    ran = [name for database in databases for name in database.counted or ()]
    for database in databases:
        database.close()
    assert ran.count("complete_run_with_memories") == ROUNDS * CLIENTS * (SESSIONS - 1)
    versions = queue.sql("SELECT session_id, version FROM memories ORDER BY session_id, version")
    assert len(versions) == ROUNDS * CLIENTS * (SESSIONS - 1)
