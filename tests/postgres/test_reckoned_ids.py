"""Ids that no column holds (ADR 0025), and what foreign keys no longer delete."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from aiwebhook.ports.queue_rows import Completion
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.usecases.complete_run import complete_runs
from tests.support.commands import CommandDriver
from tests.support.queue import QueueDriver

UUID_7 = re.compile(r"evt_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
AFTER_A_RESTORE = 1_795_977_915_299_000
KEPT = (
    "SELECT task_id FROM task_payloads",
    "SELECT task_id FROM task_results",
    "SELECT task_id FROM task_attempts",
)


@pytest.fixture
def driver(database: str) -> Iterator[CommandDriver]:
    driver = CommandDriver(database)
    yield driver
    driver.close()


@pytest.mark.req("T8")
@pytest.mark.parametrize("number", [0, 1, 1 << 41, AFTER_A_RESTORE, (1 << 62) - 1])
def test_an_id_is_a_uuid_of_its_time_and_number(queue: QueueDriver, number: int) -> None:
    (row,) = queue.sql(
        "SELECT a.id, id_number(a.id) AS number,"
        " row_id('evt_', now() + interval '1 ms', 0) > a.id AS sorted"
        " FROM (SELECT event_name(NULL, now(), %(number)s::bigint) AS id) a",
        number=number,
    )
    assert UUID_7.fullmatch(row["id"])
    assert (row["number"], row["sorted"]) == (number, True)


@pytest.mark.req("T8")
@pytest.mark.parametrize(
    "text",
    ["", "evt_", "nothing", "evt_1", "evt_" + "f" * 36, "evt_0199-7000", "evt_\u0661", "x" * 9_999],
)
def test_an_id_of_another_form_has_no_number(queue: QueueDriver, text: str) -> None:
    assert queue.sql("SELECT id_number(%(text)s) AS number", text=text) == [{"number": None}]


@pytest.mark.req("N5")
def test_an_id_that_an_older_version_stored_is_acknowledged(driver: CommandDriver) -> None:
    driver.session("s")
    driver.finish("t1")
    reckoned = driver.finish("t2")
    driver.sql("UPDATE events SET event_id = 'evt_of_old' WHERE task_id = 't1'")
    told = driver.send("ack_updates", None, {"ids": ["evt_of_old", reckoned]})
    assert told.data == {"acknowledged": 2}


@pytest.mark.req("T7")
def test_an_attempt_that_an_older_version_stored_is_started_and_found(queue: QueueDriver) -> None:
    queue.enqueue("job", agent_name="busy")
    claimed = queue.claim_one("busy")
    queue.sql("UPDATE task_attempts SET attempt_id = 'att_of_old'")
    assert queue.store.attempt_lease(claimed.attempt_id) is None
    assert queue.store.attempt_lease("att_of_old") == claimed.lease
    assert queue.store.mark_launched(queue.project_id, {"att_of_old": "arn:task"}) == 1
    work = queue.store.start_run(task_id="job", attempt_id="att_of_old", worker_id="w", lease_s=60)
    assert work is not None
    assert work.attempt_id == "att_of_old"


@pytest.mark.req("T7")
def test_an_id_made_up_for_another_time_starts_nothing(queue: QueueDriver) -> None:
    queue.enqueue("job", agent_name="busy")
    claimed = queue.claim_one("busy")
    (row,) = queue.sql(
        "SELECT attempt_name(NULL, claimed_at + interval '1 hour', lease_epoch) AS other"
        " FROM task_attempts"
    )
    assert queue.store.attempt_lease(row["other"]) is None
    started = queue.store.start_run(
        task_id="job", attempt_id=row["other"], worker_id="w", lease_s=60
    )
    assert started is None
    assert queue.store.attempt_lease(claimed.attempt_id) == claimed.lease


@pytest.mark.req("O8")
def test_what_a_task_has_goes_with_its_session(queue: QueueDriver) -> None:
    queue.enqueue("job", agent_name="busy", session_id="gone")
    queue.enqueue("other", agent_name="busy", session_id="stays")
    reports = [
        RunReport(lease=claimed.lease, completion=Completion(output={}))
        for claimed in queue.claim("busy", limit=2, worker_id="w")
    ]
    assert len(complete_runs(queue.store, reports).outcomes) == 2
    queue.sql("DELETE FROM sessions WHERE session_id = 'gone'")
    with psycopg.connect(queue.dsn) as connection:
        for left in KEPT:
            assert connection.execute(left).fetchall() == [("other",)], left


@pytest.mark.req("O8")
def test_what_keys_remember_goes_with_the_project(driver: CommandDriver) -> None:
    driver.session("s")
    driver.sql(
        "INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome)"
        " VALUES (%(project_id)s, 'k', '', 'req', '{}')"
    )
    driver.sql("DELETE FROM projects WHERE project_id = %(project_id)s")
    assert driver.sql("SELECT FROM idempotency_keys") == []
