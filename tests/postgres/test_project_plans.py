"""What a project has used and said is summed and searched without reading what is not asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, LiteralString

import pytest

from aiwebhook.postgres.project_reads import SEARCHED_SESSIONS
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.postgres.test_queue_plans import buffers_of, nodes_of, plan_of
from tests.support.postgres import clone
from tests.support.queue import QueueDriver

pytestmark = [pytest.mark.req("N5"), pytest.mark.timeout(600)]
SESSIONS = 20 * SEARCHED_SESSIONS
RUNS = 20_000
FILL: tuple[LiteralString, ...] = (
    """INSERT INTO sessions (project_id, session_id, title, created_at)
    SELECT %(project_id)s, 's' || n, 'Title ' || n,
    '2026-01-01Z'::timestamptz + make_interval(mins => n)
    FROM generate_series(1, %(sessions)s) n""",
    """INSERT INTO conversation_chunks (project_id, session_id, chunk_id, seq, content,
    size, format)
    SELECT %(project_id)s, 's' || n, 'c' || c, c, 'some words', 10, 'dialogue'
    FROM generate_series(1, %(sessions)s) n, generate_series(1, 3) c""",
    """INSERT INTO memories (project_id, session_id, key, version, type, content)
    SELECT %(project_id)s, 's' || n, 'k', 1, 'fact', '"copper"'
    FROM generate_series(1, %(sessions)s) n""",
    """INSERT INTO artifacts (project_id, artifact_id, session_id, name, type, content, size)
    SELECT %(project_id)s, 'a' || n, 's' || n, 'plan.md', 'text', 'x', 1
    FROM generate_series(1, %(sessions)s) n""",
    """INSERT INTO task_payloads (project_id, task_id, session_id, correlation_id, delegated_with)
    SELECT %(project_id)s, 't' || n, 's' || n %% 50, 'req', 'key' || n %% 5
    FROM generate_series(1, %(runs)s) n""",
    """INSERT INTO task_attempts
    (project_id, task_id, lease_epoch, agent_name, status, usage, claimed_at)
    SELECT %(project_id)s, 't' || n, 1, 'researcher', 'completed',
    '{"requests": 3, "input_tokens": 400, "cost_usd": 0.01}',
    '2026-01-01Z'::timestamptz + n * '1 min'::interval
    FROM generate_series(1, %(runs)s) n""",
)


@pytest.fixture(scope="module")
def filled(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[QueueDriver]:
    """Sessions and runs, a minute each."""
    with clone(postgres_server, migrated_template, "project_plans") as dsn:
        queue = QueueDriver(dsn)
        with closing(queue.database):
            queue.database.connection.execute("SET session_replication_role = replica")
            for each in FILL:
                queue.sql(each, sessions=SESSIONS, runs=RUNS)
            queue.database.connection.execute("SET session_replication_role = origin")
            queue.sql("VACUUM ANALYZE")
            yield queue


@pytest.fixture(params=["force_custom_plan", "force_generic_plan"])
def project(request: pytest.FixtureRequest, filled: QueueDriver) -> QueueDriver:
    """With plans made for the values at hand, or for any."""
    filled.sql("SELECT set_config('plan_cache_mode', %(mode)s, false)", mode=request.param)
    return filled


def pages_of(queue: QueueDriver, *tables: str) -> int:
    """How many pages the tables have."""
    (row,) = queue.sql(
        "SELECT sum(relpages)::integer AS pages FROM pg_class WHERE relname = ANY(%(tables)s)",
        tables=list(tables),
    )
    return row["pages"]


def scans_of(plan: dict[str, Any]) -> set[str]:
    """The tables that were read from one end to the other."""
    return {n["Relation Name"] for n in nodes_of(plan) if n["Node Type"] == "Seq Scan"}


@pytest.mark.parametrize("words", [["copper"], ["words", "some"], ["nowhere"]])
def test_a_search_reads_the_newest_sessions_only(project: QueueDriver, words: list[str]) -> None:
    wanted = {"words": words, "sessions": SEARCHED_SESSIONS, "limit": 20}
    plan = plan_of(project, "search_project", wanted)
    assert scans_of(plan) == set()
    assert buffers_of(plan) <= 20 * SEARCHED_SESSIONS, buffers_of(plan)


@pytest.mark.parametrize("by", ["day", "agent", "session", "key"])
@pytest.mark.parametrize("since", ["2026-01-01Z", "2026-01-14Z"])
def test_a_sum_reads_each_run_once(project: QueueDriver, by: str, since: str) -> None:
    """No index has the time of a claim: each claim would write it, for a sum that few ask for. So
    a sum costs what the kept runs weigh, however short its span is; retention bounds that.
    """
    wanted = {"by": by, "since": since, "until": None, "limit": 100}
    plan = plan_of(project, "sum_usage", wanted)
    whole = pages_of(project, "task_attempts", "task_payloads", "task_payloads_pkey")
    assert buffers_of(plan) <= 2 * whole, (buffers_of(plan), whole)
