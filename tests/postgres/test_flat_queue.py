"""A claim reads as much behind many dead entries as in a new table, and its marks hide nothing."""

# reason: what keeps the queue flat, by one measure

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
import pytest

from aiwebhook.domain.attempt import RELEASED
from aiwebhook.ports.queue_rows import ClaimedTask, Remains
from aiwebhook.postgres.launch_store import LAUNCH_BUCKET
from aiwebhook.postgres.statements import statement
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T2")
AGENT = "busy"
CAPS = (2, 5, 10, 1_000_000)
READY = 3_000
FLAT, NEARLY_FLAT = 1.4, 8
"""Before version 17 an index is read once for each entry of an array: small caps read up to seven
times as much behind 1,500 ends, of 50 buffers."""
COUNTED_BY_NAME = 100
"""Caps up to this have every lease alive in lease_counts."""


def fill(queue: QueueDriver, cap: int) -> None:
    """READY ready tasks in twenty sessions and two lanes; nothing is ever vacuumed."""
    queue.agent(AGENT, max_concurrent=cap)
    for number in range(20):
        queue.session(f"s{number}")
    for table in ("tasks", "queue_lanes", "lease_counts", "task_attempts", "sessions"):
        queue.sql(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    queue.sql(
        "INSERT INTO tasks (project_id, task_id, session_id, agent_name, ready, priority,"
        " fair_tag, max_attempts, timeout_s)"
        " SELECT %(project_id)s, 'b' || n, 's' || n %% 20, %(agent)s, true, n %% 2, n / 40 + 1, 3,"
        " 60 FROM generate_series(1, %(ready)s) n",
        agent=AGENT,
        ready=READY,
    )
    queue.sql(
        "INSERT INTO task_payloads (project_id, task_id, session_id, correlation_id)"
        " SELECT project_id, task_id, session_id, 'req' FROM tasks"
        " WHERE project_id = %(project_id)s"
    )
    queue.sql("VACUUM ANALYZE tasks, task_payloads")


def work_off(queue: QueueDriver, number: int) -> None:
    """As a dispatcher does, ten at a time; the ends are made in bulk."""
    taken = 0
    while taken < number:
        claimed = queue.claim(AGENT, limit=10, worker_id="w")
        taken += len(claimed)
        end(queue, claimed)


def end(queue: QueueDriver, claimed: Sequence[ClaimedTask]) -> None:
    """The update that completing makes to the queue row."""
    queue.sql(
        "UPDATE tasks SET status = 'completed', phase = 2, lease_until = NULL"
        " WHERE project_id = %(project_id)s AND task_id = ANY(%(ids)s)",
        ids=[one.task_id for one in claimed],
    )


PAUSED = statement("claim_tasks").replace(
    "SELECT h.task_id FROM head h)", "SELECT h.task_id FROM head h, pg_advisory_xact_lock(4711))"
)
"""A claim that waits between choosing its tasks and changing them."""


@pytest.mark.req("T2")
def test_a_task_cancelled_in_the_middle_of_a_claim_is_not_claimed(
    queue: QueueDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.enqueue("cancelled")
    twin, claimed = queue.twin(), list[str]()

    def paused(name: str) -> str:
        return PAUSED if name == "claim_tasks" else statement(name)

    assert statement("claim_tasks") != PAUSED
    monkeypatch.setattr("aiwebhook.postgres.flush.statement", paused)
    claim = threading.Thread(target=lambda: claimed.extend(t.task_id for t in twin.claim()))
    with queue.connection.transaction():
        queue.sql("SELECT pg_advisory_xact_lock(4711)")
        claim.start()
        queue.wait_for_lock_waiter()
        queue.sql(
            "UPDATE tasks SET status = 'cancelled', phase = 2, ready = false"
            " WHERE project_id = %(project_id)s"
        )
    claim.join()
    twin.database.close()
    assert (claimed, queue.attempts("cancelled")) == ([], [])


LOOK: dict[str, Any] = {"older_than_s": 30, "settled": True, **LAUNCH_BUCKET}


def buffers(queue: QueueDriver, name: str, **params: Any) -> int:
    """Shared buffers that a statement touches, undone; the least of three."""
    told: list[int] = []
    given: dict[str, Any] = {
        "agent_name": AGENT,
        "lease_s": 60,
        "worker_id": None,
        "published": [],
        **params,
    }
    for _ in range(3):
        with queue.connection.transaction(force_rollback=True):
            (row,) = queue.sql(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement(name), **given
            )
        plan = row["QUERY PLAN"][0]["Plan"]
        told.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
    return min(told)


def blocks(queue: QueueDriver) -> Counter[str]:
    """Blocks that were asked for so far, by table, its indexes with it."""
    queue.sql("SELECT pg_stat_force_next_flush()")
    rows = queue.sql(
        "SELECT relname, heap_blks_read + heap_blks_hit"
        " + coalesce(idx_blks_read + idx_blks_hit, 0) AS number FROM pg_statio_user_tables"
    )
    return Counter({row["relname"]: row["number"] for row in rows})


def whole_claim(queue: QueueDriver) -> float:
    """Blocks that a claim of one task asks for, with all it writes: the mean of twenty-one, three
    recounts among them, under a plan made for the tables as they are. A plan's own count leaves
    out what nothing reads from, the session's number for one. And claims that are undone would not
    do: all of them would find the same page full.
    """
    queue.sql("DISCARD PLANS")  # as autovacuum's ANALYZE does
    told = Counter[str]()
    for number in range(28):
        before = blocks(queue)
        claimed = queue.claim(AGENT, limit=1, worker_id="w")
        if number >= 7:
            told += blocks(queue) - before
        end(queue, claimed)
    return told.total() / 21


def read_by_all(queue: QueueDriver) -> dict[str, float]:
    """What a claim reads, and a look before it."""
    return {
        "whole claim": whole_claim(queue),
        "claim 1": buffers(queue, "claim_tasks", limit=1),
        "claim 10": buffers(queue, "claim_tasks", limit=10),
        "look": buffers(queue, "reserve_launches", limit=10, **LOOK),
    }


@pytest.mark.parametrize("cap", CAPS)
def test_a_claim_is_as_cheap_behind_dead_entries(queue: QueueDriver, cap: int) -> None:
    fill(queue, cap)
    work_off(queue, 40)
    queue.sql("VACUUM tasks")
    fresh = read_by_all(queue)
    with closing(psycopg.connect(queue.dsn)) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM tasks")
        work_off(queue, 1_500)
        held = read_by_all(queue)
    dead = read_by_all(queue)
    most = FLAT if queue.connection.info.server_version >= 170_000 else NEARLY_FLAT
    for name, before in fresh.items():
        if name == "look" and cap > COUNTED_BY_NAME:
            continue  # it reads all leases, and those that ended since the last count
        assert held[name] <= most * before, (name, fresh, held)
        assert dead[name] <= most * before, (name, fresh, dead)


def test_the_newest_count_is_found_at_once_while_a_snapshot_is_held(queue: QueueDriver) -> None:
    """Among a thousand that were deleted and cannot go; the planner knows of one for each agent."""
    fill(queue, 5)
    work_off(queue, 10)
    queue.sql(
        "INSERT INTO lease_counts (project_id, agent_name, counted_at, counted, floor, living)"
        " SELECT %(project_id)s, 'a' || n, 0, 0, 0, '{}' FROM generate_series(1, 3) n"
    )
    with closing(psycopg.connect(queue.dsn)) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM tasks")
        for _ in range(1_000):
            queue.sql(
                "WITH o AS (DELETE FROM lease_counts WHERE agent_name = %(agent)s RETURNING *)"
                " INSERT INTO lease_counts"
                " (project_id, agent_name, counted_at, counted, floor, living)"
                " SELECT project_id, agent_name, counted_at + 1, counted, floor, living FROM o",
                agent=AGENT,
            )
        queue.sql("VACUUM ANALYZE lease_counts")
        before = blocks(queue)
        assert queue.claim(AGENT, limit=1, worker_id="w")
        assert (blocks(queue) - before)["lease_counts"] <= 8


def test_a_long_run_among_short_ones_makes_no_claim_dearer(queue: QueueDriver) -> None:
    fill(queue, 2)
    queue.claim(AGENT, limit=1, worker_id="w")
    work_off(queue, 20)
    before = buffers(queue, "claim_tasks", limit=1)
    work_off(queue, 300)
    assert buffers(queue, "claim_tasks", limit=1) <= 1.5 * before
    assert len(queue.claim(AGENT, limit=5, worker_id="w")) == 1


@pytest.fixture
def passing(queue: QueueDriver) -> QueueDriver:
    """Whose mark moves with every claim: twenty turns of five sessions wait."""
    queue.agent(AGENT, max_concurrent=1_000)
    for number in range(100):
        queue.enqueue(f"t{number}", agent_name=AGENT, session_id=f"s{number % 5}")
    return queue


def mark(queue: QueueDriver) -> int:
    (row,) = queue.sql("SELECT mark_tag FROM queue_lanes WHERE project_id = %(project_id)s")
    return row["mark_tag"]


def claims(queue: QueueDriver, number: int) -> list[str]:
    return [
        one.task_id for _ in range(number) for one in queue.claim(AGENT, limit=1, worker_id="w")
    ]


def test_the_mark_follows_what_is_taken(passing: QueueDriver) -> None:
    assert claims(passing, 60) == [f"t{number}" for number in range(60)]
    assert mark(passing) >= 10


def test_a_task_that_becomes_visible_late_is_not_passed_over(passing: QueueDriver) -> None:
    claims(passing, 20)
    late = passing.twin()
    with closing(late.database), late.connection.transaction():
        late.enqueue("late", agent_name=AGENT, session_id="another")
        (row,) = late.sql("SELECT fair_tag FROM tasks WHERE task_id = 'late'")
        assert "late" not in claims(passing, 50)
    assert mark(passing) <= row["fair_tag"]
    assert claims(passing, 1) == ["late"]
    claims(passing, 20)
    assert mark(passing) > row["fair_tag"]


def test_a_task_that_is_locked_is_not_passed_over(passing: QueueDriver) -> None:
    with closing(psycopg.connect(passing.dsn)) as other:
        other.execute("SELECT FROM tasks WHERE task_id = 't3' FOR NO KEY UPDATE")
        assert "t3" not in claims(passing, 50)
        other.rollback()
    assert claims(passing, 1) == ["t3"]


def test_a_task_handed_back_is_not_passed_over(passing: QueueDriver) -> None:
    (early,) = passing.claim(AGENT, limit=1, worker_id="w")
    claims(passing, 50)
    assert mark(passing) > 2
    changes = passing.store.end_attempt(
        early.lease, RELEASED, from_statuses=("running",), remains=Remains(), random=0.5
    )
    assert changes is not None
    assert early.task_id in claims(passing, 6)  # its turn is the one that is going on


def test_marks_of_another_cluster_hide_nothing(passing: QueueDriver) -> None:
    """A dump goes into a cluster whose transactions are numbered from a lower one."""
    claims(passing, 20)
    passing.sql("UPDATE queue_lanes SET next_tag = 1000, next_xid = '999999999'")
    assert claims(passing, 40) == [f"t{number}" for number in range(20, 60)]
    assert 0 < mark(passing) <= 12


def test_tasks_without_a_lane_are_found(queue: QueueDriver) -> None:
    """As the code before marks left them."""
    fill(queue, 10)
    assert [one.priority for one in queue.claim(AGENT, limit=3, worker_id="w")] == [1, 1, 1]
    queue.sql("UPDATE tasks SET ready = false WHERE priority = 1")
    assert [one.priority for one in queue.claim(AGENT, limit=3, worker_id="w")] == [0, 0, 0]


def test_the_updates_of_a_run_touch_no_index(queue: QueueDriver) -> None:
    queue.agent(AGENT, max_concurrent=5)
    queue.enqueue("job", agent_name=AGENT)
    claimed = queue.claim_one(AGENT)
    before = hot(queue)
    queue.store.mark_launched(queue.project_id, {claimed.attempt_id: "arn:task"})
    work = queue.store.start_run(
        task_id="job", attempt_id=claimed.attempt_id, worker_id="w", lease_s=60
    )
    assert work is not None
    for _ in range(3):
        queue.store.heartbeat([work.lease], lease_s=60)
    after = hot(queue)
    for table in ("tasks", "task_attempts"):
        updates, hot_updates = (b - a for a, b in zip(before[table], after[table], strict=True))
        assert updates == hot_updates >= 2, (table, before, after)


def hot(queue: QueueDriver) -> dict[str, tuple[int, int]]:
    """Updates and HOT updates so far, by table."""
    queue.sql("SELECT pg_stat_force_next_flush()")
    rows = queue.sql("SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables")
    return {row["relname"]: (row["n_tup_upd"], row["n_tup_hot_upd"]) for row in rows}


@pytest.mark.req("T8")
def test_a_session_has_few_pages_to_be_looked_for_in_while_a_snapshot_is_held(
    queue: QueueDriver,
) -> None:
    """A hundred sessions with a hundred events each, none of whose versions can go. Some 23 blocks,
    50 in a server that other tests have used; 202 where pages are filled to 70 %.
    """
    for number in range(100):
        queue.session(f"s{number}")
    with closing(psycopg.connect(queue.dsn)) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM tasks")
        for _ in range(100):
            queue.sql("UPDATE sessions SET last_seq = last_seq + 1")
        before = blocks(queue)
        queue.sql(
            "UPDATE sessions SET last_seq = last_seq + 1"
            " WHERE project_id = %(project_id)s AND session_id = 's50'"
        )
        assert (blocks(queue) - before).total() <= 60


def test_marks_move_where_agents_take_turns(queue: QueueDriver) -> None:
    """Every third number is one agent's, and all tasks of a lane have one turn."""
    agents = [f"{AGENT}{number}" for number in range(3)]
    for agent in agents:
        queue.agent(agent, max_concurrent=1_000)
    for number in range(60):
        for agent in agents:
            queue.enqueue(f"{agent}-{number}", agent_name=agent, session_id=f"s{number}")
    for _ in range(60):
        for agent in agents:
            queue.claim_one(agent)
    lanes = queue.sql(
        "SELECT mark_tag, mark_seq FROM queue_lanes WHERE project_id = %(project_id)s"
    )
    assert [lane["mark_tag"] for lane in lanes] == [1, 1, 1]
