"""Pruning stays cheap in large tables: each page is an index range, and nothing is scanned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, LiteralString

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.domain.retention import PRUNE_PAGE
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.postgres.test_queue_plans import buffers_of, nodes_of, plan_of
from tests.support.postgres import clone
from tests.support.queue import QueueDriver

pytestmark = [pytest.mark.req("O8"), pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=[10_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def large(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, migrated_template: str
) -> Iterator[QueueDriver]:
    """So many rows of every kind, half of them old; of 2,000 sessions."""
    with clone(postgres_server, migrated_template, "large_tables") as dsn:
        queue = QueueDriver(dsn)
        with closing(queue.database), closing(queue.twin().database) as bulk:
            queue.agent("busy")
            bulk.connection.execute("SET statement_timeout = 0")
            for statement in FILL:
                bulk.connection.execute(statement, {"p": queue.project_id, "rows": request.param})
            yield queue


def page_for(queue: QueueDriver) -> int:
    """Of a small table a whole page is a large part: there a scan would be right."""
    ((rows,),) = queue.database.connection.execute("SELECT count(*) FROM audit_log").fetchall()
    return PRUNE_PAGE if rows > 100_000 else 20


FILL: tuple[LiteralString, ...] = (
    """INSERT INTO sessions (project_id, session_id)
    SELECT %(p)s, 's' || n FROM generate_series(0, 1999) n""",
    """INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, fair_tag,
    max_attempts, timeout_s)
    SELECT %(p)s, 't' || n, 's' || n %% 2000, 'busy', 'completed', false, 0, 3, 600
    FROM generate_series(1, %(rows)s) n""",
    """INSERT INTO task_attempts (project_id, task_id, lease_epoch, agent_name, status, finished_at)
    SELECT %(p)s, 't' || n, n, 'busy', 'completed',
    now() - make_interval(days => CASE WHEN n <= %(rows)s / 2 THEN 100 ELSE 1 END)
    FROM generate_series(1, %(rows)s) n""",
    """INSERT INTO events (project_id, session_id, seq, type, task_id, created_at)
    SELECT %(p)s, 's' || n %% 2000, n / 2000 + 1, 'task.completed', 't' || n,
    now() - make_interval(days => CASE WHEN n <= %(rows)s / 2 THEN 100 ELSE 1 END)
    FROM generate_series(0, %(rows)s - 1) n""",
    """INSERT INTO deliveries (project_id, event_no, event_type, url, status, created_at)
    SELECT %(p)s, n + 10000000, 'task.completed', 'https://a.example', 'delivered',
    now() - make_interval(days => CASE WHEN n <= %(rows)s / 2 THEN 100 ELSE 1 END, secs => n)
    FROM generate_series(1, %(rows)s) n""",
    """INSERT INTO inbound_deliveries (project_id, source, guid, event_type, headers, body,
    body_sha256, received_at)
    SELECT %(p)s, 'github', 'g' || n, 'push', '{}', 'x', sha256(n::text::bytea),
    now() - make_interval(days => 500) FROM generate_series(1, %(rows)s) n""",
    """INSERT INTO audit_log (project_id, actor, action, subject, created_at)
    SELECT %(p)s, 'a', 'b', 'c', now() - make_interval(days => 500, secs => n)
    FROM generate_series(1, %(rows)s) n""",
    "VACUUM ANALYZE",
)


@pytest.mark.parametrize(
    ("name", "per_row"),
    [
        ("prune_events", 30),
        *(("prune_attempts", 20), ("prune_deliveries", 20), ("prune_audit", 10)),
        *(("prune_inbound_bodies", 40), ("prune_inbound_deliveries", 20)),
    ],
)
def test_a_page_costs_what_its_rows_cost(large: QueueDriver, name: str, per_row: int) -> None:
    limit = page_for(large)
    params: dict[str, Any] = {"days": 50, "marker": None, "limit": limit, "apply": True}
    params["delivery_days"] = 50
    plan = plan_of(large, name, params)
    scans = [n for n in nodes_of(plan) if n["Node Type"] == "Seq Scan"]
    assert {n["Relation Name"] for n in scans} <= {"outbox", "sessions", "sources"}
    assert buffers_of(plan) <= per_row * limit


def test_the_page_behind_a_marker_costs_the_same(large: QueueDriver) -> None:
    ((xid,),) = large.database.connection.execute("SELECT xid::text FROM events LIMIT 1").fetchall()
    ((no,),) = large.database.connection.execute(
        "SELECT min(event_no) + count(*) / 4 FROM events"
    ).fetchall()
    params: dict[str, Any] = {"days": 50, "limit": page_for(large), "apply": False}
    params["delivery_days"] = 50
    first = buffers_of(plan_of(large, "prune_events", {**params, "marker": None}))
    later = buffers_of(plan_of(large, "prune_events", {**params, "marker": Jsonb([xid, no])}))
    assert later <= 1.5 * first
