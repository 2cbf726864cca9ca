"""News stays cheap however much was never acknowledged: index ranges, few buffers, no scan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.postgres.test_queue_plans import buffers_of, nodes_of, plan_of
from tests.support.postgres import clone
from tests.support.queue import QueueDriver

NEWS = 1_000_000
pytestmark = pytest.mark.timeout(600)  # the first test waits for the table to be filled


@pytest.fixture(scope="module")
def deep_news(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[QueueDriver]:
    """A million finished tasks: most acknowledged, 50,000 not, half of those in session s0."""
    with clone(postgres_server, migrated_template, "deep_news") as dsn:
        queue = QueueDriver(dsn)
        # Closed also when filling fails: an open one would fail whichever test comes next.
        with closing(queue.database):
            fill(queue)
            yield queue


def fill(queue: QueueDriver) -> None:
    for number in range(100):
        queue.session(f"s{number}")
    queue.sql("SET statement_timeout = 0")
    queue.sql("SET session_replication_role = replica")  # a million calls of the trigger less
    queue.sql(
        "INSERT INTO events (project_id, session_id, seq, type, task_id)"
        " SELECT %(project_id)s,"
        " 's' || (CASE WHEN n %% 40 = 0 THEN 0 ELSE n %% 100 END),"
        " n + 10, 'task.completed', 't' || n"
        " FROM generate_series(1, %(news)s) n",
        news=NEWS,
    )
    queue.sql("SET session_replication_role = origin")
    queue.sql(
        "INSERT INTO unacknowledged_news (event_no, spent, project_id, session_id)"
        " SELECT event_no, (seq - 10) %% 3 = 0, project_id, session_id"
        " FROM events WHERE (seq - 10) %% 20 = 0"
    )
    queue.sql("UPDATE sessions SET last_seq = %(last)s", last=NEWS + 10)
    queue.sql("VACUUM ANALYZE")


def settle_params(session_id: str | None, **more: Any) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "principal": "project",
        "connection": "project",
        "reader": None,
        "news": True,
        "counted": True,
        "reported_task": None,
        "reported_status": None,
        "pushed": [],
        "changed": False,
        "resumed": [],
        "correlation_id": "req",
        "own_events": [],
        "own_seqs": [],
        "limit": 20,
        "elsewhere_limit": 3,
        "count_limit": 1000,
        "most_times": 5,
        **more,
    }


def scanned(plan: dict[str, Any]) -> set[str]:
    """Tables that matter and are read from end to end."""
    scans = [n for n in nodes_of(plan) if n["Node Type"] == "Seq Scan"]
    return {n["Relation Name"] for n in scans} & {"events"}


@pytest.mark.slow
@pytest.mark.req("N5")
@pytest.mark.parametrize(
    ("session_id", "most"), [(None, 60), ("s1", 160), ("s0", 400), ("s99", 160)]
)
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("name", ["settle", "look_for_news"])
def test_settling_and_looking_for_news_read_ranges_of_indexes(
    deep_news: QueueDriver, session_id: str | None, most: int, mode: str, name: str
) -> None:
    deep_news.sql("SELECT set_config('plan_cache_mode', %(mode)s, false)", mode=mode)
    plan = plan_of(deep_news, name, settle_params(session_id))
    assert not scanned(plan)
    news = [n for n in nodes_of(plan) if n.get("Index Name") == "unacknowledged_news_pkey"]
    # What is told elsewhere is read from the index alone; what is changed needs its row.
    changes = ["Index Scan", "Index Scan"] if name == "settle" else []
    assert sorted(n["Node Type"] for n in news) == ["Index Only Scan", *changes]
    assert buffers_of(plan) <= most, buffers_of(plan)


@pytest.mark.slow
@pytest.mark.req("N5")
def test_acknowledging_and_looking_read_ranges_of_indexes(deep_news: QueueDriver) -> None:
    page = {"principal": "project", "reader": None, "count_limit": 1000, "most_times": 5}
    session = {"session_id": "s1", "after_seq": 0, "limit": 21}
    plan = plan_of(deep_news, "session_news", {**page, **session})
    assert not scanned(plan)
    assert buffers_of(plan) <= 120
    plan = plan_of(deep_news, "project_news", {**page, "after_no": 0, "limit": 21})
    assert not scanned(plan)
    assert buffers_of(plan) <= 200
    ids = deep_news.sql(
        "SELECT event_name(event_id, created_at, event_no) AS event_id FROM events"
        " WHERE seq IN (1000, 2000, 3001)"
    )
    asked = {
        "session_id": "s1",
        "principal": "project",
        "reader": None,
        "cursor": 2000,
        "ids": [row["event_id"] for row in ids],
        "fingerprint": None,
        "idempotency_key": None,
        "request_id": "req",
    }
    plan = plan_of(deep_news, "acknowledge", asked)
    assert not scanned(plan)
    assert buffers_of(plan) <= 400
