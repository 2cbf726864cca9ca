"""What a batch of reports, with memories and without, holds while it waits for a session.

All its tasks, and no session behind the one it waits for: else two batches would wait in a ring.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from aiwebhook.ports.queue_rows import Completion, RunMemory
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.usecases.complete_run import complete_runs
from tests.support.queue import QueueDriver, any_name

SESSIONS = ("a", "b")
WAIT_S = 30


class BatchLocks(RuleBasedStateMachine):
    """Set `driver` on a subclass before running."""

    driver: ClassVar[QueueDriver]

    @rule(with_memory=st.sampled_from(SESSIONS))
    def a_batch_waits_for_its_first_session(self, with_memory: str) -> None:
        queue = self.driver
        reports = self.reports(queue, with_memory)
        with psycopg.connect(queue.dsn) as other, ThreadPoolExecutor(1) as pool:
            mine = {"project_id": queue.project_id, "first": SESSIONS[0]}
            other.execute(
                "SELECT FROM sessions WHERE project_id = %(project_id)s"
                " AND session_id = %(first)s FOR NO KEY UPDATE",
                mine,
            )
            done = pool.submit(complete_runs, queue.store, reports)
            try:
                self.let_it_wait(queue)
                free = other.execute(
                    "SELECT task_id FROM tasks WHERE project_id = %(project_id)s"
                    " FOR NO KEY UPDATE SKIP LOCKED",
                    mine,
                ).fetchall()
                behind = other.execute(
                    "SELECT session_id FROM sessions WHERE project_id = %(project_id)s"
                    " AND session_id > %(first)s FOR NO KEY UPDATE SKIP LOCKED",
                    mine,
                ).fetchall()
            finally:
                other.rollback()
            outcomes = done.result(WAIT_S).outcomes
        assert len(reports) == len(SESSIONS)
        assert free == []
        assert behind == [(SESSIONS[1],)]
        assert [getattr(one, "status", None) for one in outcomes] == ["completed"] * 2

    def reports(self, queue: QueueDriver, with_memory: str) -> list[RunReport]:
        """Of one run in each session of a new project."""
        queue.project_id = any_name("project")
        queue.forget_sessions()
        queue.open_project()
        queue.agent("busy", max_concurrent=9)
        for session in SESSIONS:
            queue.enqueue(f"task_{session}", agent_name="busy", session_id=session)
        memory = RunMemory(key="k", type="fact", content="x")
        return [
            RunReport(
                lease=claimed.lease,
                completion=Completion(
                    output={}, memories=[memory] if claimed.session_id == with_memory else []
                ),
            )
            for claimed in queue.claim("busy", limit=9, worker_id="w")
        ]

    def let_it_wait(self, queue: QueueDriver) -> None:
        """Until the batch has asked for the session that somebody else holds."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        until = time.monotonic() + WAIT_S
        with psycopg.connect(queue.dsn, autocommit=True) as watcher:
            while time.monotonic() < until:
                (number,) = watcher.execute(waiting).fetchone() or (0,)
                if number:
                    return
        raise AssertionError("the batch did not wait")


def batch_locks_on(queue: QueueDriver) -> type[BatchLocks]:
    """A machine of its own for one test."""

    class Machine(BatchLocks):
        driver: ClassVar[QueueDriver] = queue

    return Machine
