"""Claims and beats stay cheap however deep the queue is: index ranges, few buffers, no scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.ports.queue_rows import WorkerSeen
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.launch_store import LAUNCH_BUCKET
from aiwebhook.postgres.statements import statement
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone
from tests.support.queue import QueueDriver, enqueue_params

READY = 200_000
pytestmark = pytest.mark.timeout(600)  # the first test waits for the queue to be filled


@pytest.fixture(scope="module")
def deep_queue(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[QueueDriver]:
    """200,000 ready tasks of agent `busy`, one of agent `quiet`, 20 running."""
    with clone(postgres_server, migrated_template, "deep_queue") as dsn:
        queue = QueueDriver(dsn)
        # Closed also when filling fails: an open one would fail whichever test comes next.
        with closing(queue.database), closing(queue.twin().database) as bulk:
            fill(queue, bulk)
            yield queue


def fill(queue: QueueDriver, bulk: Database) -> None:
    """`bulk` waits as long as it takes: on a busy machine that is longer than the product may."""
    queue.enqueue("quiet_1", agent_name="quiet")
    queue.agent("busy", max_concurrent=1000)
    for number in range(50):
        queue.session(f"s{number}")
    bulk.connection.execute("SET statement_timeout = 0")
    bulk.connection.execute(
        "INSERT INTO tasks (project_id, task_id, session_id, agent_name, ready, priority,"
        " fair_tag, max_attempts, timeout_s)"
        " SELECT %(project_id)s, 'b' || n, 's' || n %% 50, 'busy', true, n %% 3, n / 50, 3, 600"
        " FROM generate_series(1, %(ready)s) n",
        {"project_id": queue.project_id, "ready": READY},
    )
    bulk.connection.execute(
        # Each at a time of its own, as commands make them: a batch has a hundred of one time.
        "INSERT INTO task_payloads (project_id, task_id, session_id, correlation_id, created_at)"
        " SELECT project_id, task_id, session_id, 'req', now() - ready_seq * interval '1 ms'"
        " FROM tasks WHERE agent_name = 'busy'"
    )
    bulk.connection.execute(
        "INSERT INTO task_attempts (project_id, task_id, lease_epoch, agent_name, status,"
        " finished_at) SELECT project_id, task_id, -1, agent_name, 'lost', now()"
        " FROM tasks WHERE agent_name = 'busy' ORDER BY task_id LIMIT 50000"
    )
    for _ in range(2):
        queue.claim("busy", limit=10, worker_id="w1")
    bulk.connection.execute("VACUUM ANALYZE")


def plan_of(queue: QueueDriver, name: str, params: dict[str, Any]) -> dict[str, Any]:
    """The executed plan, undone afterwards."""
    with queue.connection.transaction(force_rollback=True):
        explained = queue.sql(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement(name), **params
        )
    return json.loads(json.dumps(explained[0]["QUERY PLAN"]))[0]["Plan"]


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


def buffers_of(plan: dict[str, Any]) -> int:
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def claim_params(agent_name: str, limit: int) -> dict[str, Any]:
    return {
        "agent_name": agent_name,
        "limit": limit,
        "lease_s": 60,
        "worker_id": None,
        "published": ["task.completed"],
    }


def assert_no_scan_of_tasks(plan: dict[str, Any]) -> None:
    scans = [n for n in nodes_of(plan) if n["Node Type"] == "Seq Scan"]
    tables = {n["Relation Name"] for n in scans} & {"tasks", "task_payloads", "task_attempts"}
    assert not tables


@pytest.mark.req("T2")
def test_a_claim_reads_one_range_of_the_ready_index(deep_queue: QueueDriver) -> None:
    plan = plan_of(deep_queue, "claim_tasks", claim_params("busy", 1))
    indexes = [n.get("Index Name") for n in nodes_of(plan)]
    assert "tasks_ready" in indexes
    assert_no_scan_of_tasks(plan)
    assert not [n for n in nodes_of(plan) if n["Node Type"] == "Sort" and n["Actual Rows"] > 100]
    assert buffers_of(plan) <= 160


@pytest.mark.req("T2")
def test_a_claim_for_another_agent_does_not_see_the_backlog(deep_queue: QueueDriver) -> None:
    deep = buffers_of(plan_of(deep_queue, "claim_tasks", claim_params("busy", 1)))
    quiet = buffers_of(plan_of(deep_queue, "claim_tasks", claim_params("quiet", 1)))
    assert quiet <= 2 * deep


@pytest.mark.req("T2")
def test_to_see_whether_more_can_be_claimed_costs_less_than_a_claim(
    deep_queue: QueueDriver,
) -> None:
    params = {"agent_name": "busy", "older_than_s": 30, "limit": 10, "settled": True}
    plan = plan_of(deep_queue, "reserve_launches", params | LAUNCH_BUCKET)
    assert_no_scan_of_tasks(plan)
    claim = plan_of(deep_queue, "claim_tasks", claim_params("busy", 1))
    assert buffers_of(plan) < buffers_of(claim)


@pytest.mark.req("T2")
def test_a_batch_costs_less_per_task_than_a_single_claim(deep_queue: QueueDriver) -> None:
    single = buffers_of(plan_of(deep_queue, "claim_tasks", claim_params("busy", 1)))
    batch = buffers_of(plan_of(deep_queue, "claim_tasks", claim_params("busy", 10)))
    assert batch / 10 < single


@pytest.mark.req("T7")
def test_a_beat_touches_its_row_only_and_no_index(deep_queue: QueueDriver) -> None:
    (row, *_) = deep_queue.sql("SELECT task_id, lease_epoch FROM tasks WHERE status = 'running'")
    params = {
        "project_ids": [deep_queue.project_id],
        "task_ids": [row["task_id"]],
        "lease_epochs": [row["lease_epoch"]],
        "lease_s": 60,
    }
    plan = plan_of(deep_queue, "heartbeat", params)
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 15


@pytest.mark.req("T7")
def test_beats_are_hot_updates(deep_queue: QueueDriver) -> None:
    def updates() -> tuple[int, int]:
        deep_queue.sql("SELECT pg_stat_force_next_flush()")
        (row,) = deep_queue.sql(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'tasks'"
        )
        return row["n_tup_upd"], row["n_tup_hot_upd"]

    (row, *_) = deep_queue.sql("SELECT task_id, lease_epoch FROM tasks WHERE status = 'running'")
    all_before, hot_before = updates()
    for _ in range(20):
        deep_queue.sql(
            statement("heartbeat"),
            project_ids=[deep_queue.project_id],
            task_ids=[row["task_id"]],
            lease_epochs=[row["lease_epoch"]],
            lease_s=60,
        )
    all_after, hot_after = updates()
    assert all_after - all_before == 20
    assert hot_after - hot_before >= 19


@pytest.mark.req("T8")
def test_a_workers_beat_touches_its_rows_only(deep_queue: QueueDriver) -> None:
    rows = deep_queue.sql("SELECT task_id, lease_epoch FROM tasks WHERE status = 'running'")
    params = {
        "worker_id": "w1",
        "task_ids": [row["task_id"] for row in rows],
        "lease_epochs": [row["lease_epoch"] for row in rows],
        "lease_s": 60,
    }
    for past_locks, most in ((False, 15), (True, 20)):
        plan = plan_of(deep_queue, "heartbeat_worker", {**params, "past_locks": past_locks})
        assert_no_scan_of_tasks(plan)
        assert buffers_of(plan) <= most * len(rows)


@pytest.mark.req("T9")
def test_what_workers_do_is_counted_from_what_runs(deep_queue: QueueDriver) -> None:
    deep_queue.store.touch_worker(
        WorkerSeen(project_id=deep_queue.project_id, worker_id="w1", agents=["busy", "quiet"])
    )
    page = {"limit": 20, "after_time": None, "after_id": None}
    plan = plan_of(deep_queue, "list_workers", page)
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 200
    assert_no_scan_of_tasks(plan_of(deep_queue, "mark_workers_offline", {"silent_s": -1}))


@pytest.mark.req("T4")
@pytest.mark.parametrize(
    "name",
    [
        *("complete_runs", "find_task", "record_run_events", "reply_to_task", "run_work"),
        *("run_messages", "run_output_schemas", "save_checkpoint"),
    ],
)
def test_what_concerns_one_run_touches_its_rows_only(deep_queue: QueueDriver, name: str) -> None:
    (row, *_) = deep_queue.sql(
        "SELECT task_id, session_id, lease_epoch FROM tasks WHERE status = 'running'"
    )
    params: dict[str, Any] = {
        **row,
        "project_ids": [deep_queue.project_id],
        "task_ids": [row["task_id"]],
        "lease_epochs": [row["lease_epoch"]],
        "completions": [Jsonb({"output": {}, "messages_seen": 7})],
        "after": 0,
        "reading_kinds": ["claude_code"],
        "content_sha256": None,
        "correlation_id": "req",
        "data": Jsonb({}),
        "events": Jsonb([{"kind": "log"}]),
        "exit_code": 0,
        "fingerprint": b"",
        "idempotency_key": None,
        "message": Jsonb({"text": "Go on."}),
        "messages_seen": 7,
        "notes": None,
        "output": Jsonb({}),
        "published": [],
        "request_id": "req",
        "say": None,
        "size": 0,
        "first_no": 1,
        "usage": Jsonb({"requests": 1}),
    }
    plan = plan_of(deep_queue, name, params)
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 120


@pytest.mark.req("T1")
def test_tasks_of_an_agent_are_listed_by_age_and_not_counted_out(deep_queue: QueueDriver) -> None:
    page = {"limit": 20, "after_time": None, "after_id": None}
    asked = {"session_id": None, "status": None, "agent_name": "busy", **page}
    plan = plan_of(deep_queue, "list_tasks", asked)
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 400


@pytest.mark.req("T9")
@pytest.mark.parametrize("name", ["describe_agents", "list_agents"])
def test_describing_the_agents_counts_no_backlog_out(deep_queue: QueueDriver, name: str) -> None:
    plan = plan_of(deep_queue, name, {})
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 1500


@pytest.mark.req("T1")
def test_enqueueing_scans_nothing(deep_queue: QueueDriver) -> None:
    params = enqueue_params(deep_queue.project_id, "one_more", agent_name="busy", session_id="s1")
    plan = plan_of(deep_queue, "delegate_task", dict(params))
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 160


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    "name", ["release_stale_tasks", "ready_due_tasks", "agents_due_soon", "fail_overdue_tasks"]
)
def test_the_reaper_reads_partial_indexes(deep_queue: QueueDriver, name: str) -> None:
    params: dict[str, Any] = {
        "limit": 100,
        "randoms": [0.5] * 100,
        "past_locks": True,
        "ladder": [],
        "cancelled": False,
        "charged": True,
        "retryable": True,
        "attempt_status": "lost",
        "published": [],
        **dict.fromkeys(
            ["error", "error_lost", "error_unstarted", "cancelled_error", "output", "usage"]
        ),
        "exit_code": None,
        "notes": None,
        **dict.fromkeys(["project_id", "agent_name", "agent_names"]),
        "within_s": 60,
    }
    plan = plan_of(deep_queue, name, params)
    assert_no_scan_of_tasks(plan)
    assert buffers_of(plan) <= 200
