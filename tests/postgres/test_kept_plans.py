"""A plan is kept for as long as its connection: made while a table had a few rows, it must not read
the whole of what the table becomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.postgres.statements import statement
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T2")
ENDED = frozenset({"task_attempts", "task_results", "sessions"})
CLAIMED = frozenset({"queue_lanes", "lease_counts", "sessions"})
AGENT = "busy"


def scanned(node: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from their first page to their last."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from scanned(child)


def plan_of(queue: QueueDriver, name: str, **params: Any) -> dict[str, Any]:
    (row,) = queue.sql("EXPLAIN (FORMAT JSON) " + statement(name), **params)
    return row["QUERY PLAN"][0]["Plan"]


@pytest.fixture
def lease(queue: QueueDriver) -> RunLease:
    """Of forty runs of twenty agents, each with a session, half have ended; statistics know."""
    leases: list[RunLease] = []
    for number in range(20):
        agent = f"{AGENT}{number}"
        queue.agent(agent, max_concurrent=10)
        for task in range(3):
            queue.enqueue(f"t{number}{task}", agent_name=agent, session_id=f"s{number}")
        leases += [task.lease for task in queue.claim(agent, limit=2, worker_id="w")]
    for lease in leases[::2]:
        report = RunReport(lease=lease, completion=Completion(output={}))
        queue.store.complete_runs([report])
    queue.sql("VACUUM ANALYZE")
    return leases[-1]


def test_completing_looks_its_rows_up(queue: QueueDriver, lease: RunLease) -> None:
    plan = plan_of(
        queue,
        "complete_runs",
        project_ids=[lease.project_id],
        task_ids=[lease.task_id],
        lease_epochs=[lease.lease_epoch],
        completions=[Jsonb({"say": "Done."})],
        published=["task.completed"],
    )
    assert not ENDED & set(scanned(plan))


@pytest.mark.usefixtures("lease")
def test_claiming_looks_its_rows_up(queue: QueueDriver) -> None:
    plan = plan_of(
        queue,
        "claim_tasks",
        agent_name=f"{AGENT}0",
        limit=1,
        lease_s=60,
        worker_id="w",
        published=["task.completed"],
    )
    assert not CLAIMED & set(scanned(plan))
