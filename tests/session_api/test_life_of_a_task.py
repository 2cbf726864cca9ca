"""What one task costs the database, from accept to the acknowledged end, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.support.commands import CountedDatabase
from tests.support.cost import CostMeter, median
from tests.support.life import Life
from tests.support.session_api import ApiDriver

LIVES = 5
# A change here is a change of what every task costs. Bytes have a little room: a page that is
# pruned in passing costs some.
ROUND_TRIPS, COMMITS, WAL = 14, 12, 9_000
COSTS = {  # step: its statements, round trips, commits, bytes of WAL at most
    "accept": ("recheck_key look_for_news delegate_task announce", 1, 1, 3_250),
    "dispatch": (
        "reserve_launches lock_agent claim_tasks mark_launched",
        3,
        3,
        1_900,
    ),
    "start": ("start_run announce", 1, 1, 1_000),
    "context": ("run_session run_chunks run_memories", 1, 0, 60),
    "heartbeat": ("heartbeat", 1, 1, 200),
    "progress": ("record_run_events announce", 1, 1, 800),
    "complete": ("run_output_schemas complete_runs settle_outbox", 3, 2, 1_950),
    "rung by the end": ("", 0, 0, 60),
    "updates": ("recheck_key session_news", 1, 1, 130),
    "acknowledge": ("recheck_key acknowledge announce look_for_news", 1, 1, 350),
}
PLANNED_EACH_TIME = ("-- The runtime took these attempts", "-- After the commit of a change")
"""mark_launched and settle_outbox: of an array the server expects ten, and plans for one."""


@pytest.fixture
def life(driver: ApiDriver) -> Iterator[Life]:
    (database,) = [d for d in driver.outside.databases if isinstance(d, CountedDatabase)]
    with closing(psycopg.connect(driver.dsn, autocommit=True)) as observer:
        yield Life(driver, CostMeter(database=database, observer=observer))


@pytest.mark.req("T2")
def test_what_a_life_costs(life: Life) -> None:
    for _ in range(3):
        life.live()  # statements are prepared, pages begun
    steps = median([life.live() for _ in range(LIVES)])
    told = "\n".join(str(step) for step in steps)
    for step in steps:
        statements, round_trips, commits, wal = COSTS[step.name]
        assert " ".join(step.statements) == statements, told
        assert (step.round_trips, step.commits) == (round_trips, commits), told
        assert step.wal <= wal, told
    assert sum(step.round_trips for step in steps) <= ROUND_TRIPS, told
    assert sum(step.commits for step in steps) <= COMMITS, told
    assert sum(step.wal for step in steps) <= WAL, told


@pytest.mark.req("T2")
def test_no_step_of_a_life_is_planned_each_time(life: Life) -> None:
    for _ in range(8):
        life.live()
    rows = life.meter.database.connection.execute(
        "SELECT statement FROM pg_prepared_statements"
        " WHERE custom_plans > 5 AND generic_plans + custom_plans >= 8"
    ).fetchall()
    assert [text for (text,) in rows if not text.startswith(PLANNED_EACH_TIME)] == []
