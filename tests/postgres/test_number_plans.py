"""Whoever joins events by number can use `events_number`, which leaves out the steps of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from aiwebhook.postgres.statements import statement
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T2")
BY_NUMBER = {  # statement: how often it does
    "acknowledge": 1,
    "claim_deliveries": 1,
    "find_news": 1,
    "note_outbox_progress": 1,
    "project_news": 1,
    "settle": 1,
    "settle_delivery": 1,
    "settled_position": 1,
    "stale_outbox": 1,
    "subscribed_deliveries": 2,
}
BY_ID = {
    "attempt_lease": "claimed",
    "mark_launched": "claimed",
    "note_runs_to_stop": "claimed",
    "start_run": "pkey",
}
_PARAMETER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def long_log(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[QueueDriver]:
    """30,000 events of 100 sessions, a third of them news, and 10,000 attempts of two agents."""
    with clone(postgres_server, migrated_template, "long_log") as dsn:
        queue = QueueDriver(dsn)
        with closing(queue.database):
            for number in range(100):
                queue.session(f"s{number}")
            for agent in ("busy", "quiet"):
                queue.agent(agent)
            queue.sql(
                "INSERT INTO events (project_id, session_id, seq, type, task_id)"
                " SELECT %(project_id)s, 's' || n %% 100, n + 10,"
                " (ARRAY['task.claimed', 'task.started', 'task.completed'])[1 + n %% 3], 't' || n"
                " FROM generate_series(1, 30000) n"
            )
            queue.sql(
                "INSERT INTO task_attempts (project_id, task_id, lease_epoch, agent_name, status)"
                " SELECT %(project_id)s, 't' || n, n,"
                " (ARRAY['busy', 'quiet'])[1 + n %% 2], 'completed'"
                " FROM generate_series(1, 10000) n"
            )
            queue.sql("VACUUM ANALYZE")
            yield queue


def plan_of_any(queue: QueueDriver, name: str) -> str:
    """The generic plan, as prepared statements have it."""
    text = statement(name)
    names = list(dict.fromkeys(_PARAMETER.findall(text)))
    numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text)
    nulls = f"({', '.join(['NULL'] * len(names))})" if names else ""
    queue.sql("SET plan_cache_mode = force_generic_plan")
    with queue.connection.cursor() as cursor:
        cursor.execute(f"PREPARE looked_at AS {numbered.replace('%%', '%')}".encode())
        cursor.execute(f"EXPLAIN EXECUTE looked_at{nulls}".encode())
        rows = cursor.fetchall()
        cursor.execute(b"DEALLOCATE looked_at")
    return "\n".join(str(row[0]) for row in rows)


@pytest.mark.parametrize(("name", "times"), BY_NUMBER.items())
def test_no_event_is_looked_for_in_the_whole_log(
    long_log: QueueDriver, name: str, times: int
) -> None:
    plan = plan_of_any(long_log, name)
    assert len(re.findall(r"events_number\b.*\n\s+Index Cond: \(event_no = ", plan)) >= times, plan
    assert "Seq Scan on events" not in plan, plan


@pytest.mark.parametrize(("name", "index"), BY_ID.items())
def test_no_attempt_is_looked_for_among_all(long_log: QueueDriver, name: str, index: str) -> None:
    plan = plan_of_any(long_log, name)
    assert re.search(rf"task_attempts_{index}\b.*\n\s+Index Cond: .*lease_epoch = CASE", plan), plan
    assert re.search(r"task_attempts_stored_id\b.*\n\s+Index Cond: \(attempt_id = ", plan), plan
    assert "Seq Scan on task_attempts" not in plan, plan
