"""A `.local` made before readers, epochs of one sequence and lanes opens, and its runs go on.

`rows_of_0003.json` is what a stack of commit 8eb1bc9 held when all its processes were killed at
once: runs under way in containers and on a worker, a task that waits for one of them, ended tasks
not told yet, callbacks that nobody took. Only names were changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from aiwebhook.clock import utc_now
from aiwebhook.domain.lease import LeaseKeys, RunLease
from aiwebhook.postgres.migrate import Phase, migrate, shipped_migrations
from aiwebhook.usecases.reap import reap
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone
from tests.support.reaper import reaper_on
from tests.support.session_api import MASTER_KEY, ApiDriver, Run

pytestmark = pytest.mark.req("T7", "O5")

ROWS = Path(__file__).with_name("rows_of_0003.json")
PROJECT = "default"
TEMPLATE = "older_database"
SLEPT = {"output": {"slept": 75}, "say": "I slept."}
MORE: LiteralString = """
    INSERT INTO task_checkpoints (project_id, task_id, lease_epoch, data, size)
    VALUES ('default', 'task_lost', 1, '{"turn": 2}', 11);
    INSERT INTO task_messages (project_id, task_id, message)
    VALUES ('default', 'task_lost', '{"text": "Sleep well."}');
    UPDATE tasks SET cancel_requested = true WHERE task_id = 'task_with_callback';
    INSERT INTO outbox (project_id, kind, destination) VALUES ('default', 'wake', 'sleeper');
    INSERT INTO inbound_deliveries
        (project_id, source, guid, event_type, headers, body, body_sha256)
    VALUES ('default', 'github', 'guid', 'push', '{}', '{}', sha256('{}'));
    UPDATE tasks SET lease_until = now() + interval '1 hour' WHERE task_id = 'task_beating'
"""
"""What that stack happened not to hold: a checkpoint, a follow-up, a cancellation that nobody
heard, messages on their way; and one lease that still runs, as when the stack is up at once."""


@pytest.fixture(scope="module", params=[pytest.param("pre", marks=pytest.mark.slow), "post"])
def upgraded(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres
) -> Iterator[EmbeddedPostgres]:
    """Template `older_database`: the old rows before the last phase of the migrations, or after."""
    with clone(postgres_server, "template0", TEMPLATE) as dsn:
        migrate(dsn, migrations=[m for m in shipped_migrations() if m.version <= 3])
        with psycopg.connect(dsn, autocommit=True) as connection:
            fill(connection)
            make_recent(connection)
            connection.execute(MORE)
        migrate(dsn, phases=[Phase.PRE])
        if request.param == "post":
            migrate(dsn)
        yield postgres_server


@pytest.fixture
def older(upgraded: EmbeddedPostgres) -> Iterator[ApiDriver]:
    """The API as it is now on the rows as they were then."""
    with clone(upgraded, TEMPLATE, f"{TEMPLATE}_copy") as dsn:
        driver = ApiDriver(dsn, project_id=PROJECT)
        yield driver
        driver.outside.close()


def fill(connection: psycopg.Connection[Any]) -> None:
    for table, rows in json.loads(ROWS.read_text("utf-8")).items():
        columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        connection.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                " SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s)"
            ).format(table=sql.Identifier(table), columns=columns),
            (Jsonb(rows),),
        )
    for sequence in ("events_event_no_seq", "ready_seq"):
        connection.execute("SELECT setval(%s, 100)", (sequence,))


def make_recent(connection: psycopg.Connection[Any]) -> None:
    """Shift all times, so that the newest event is an hour old, whenever the test runs: some rows
    count for a time only.
    """
    columns = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        " AND data_type = 'timestamp with time zone' AND table_name <> 'schema_migrations'"
    ).fetchall()
    (shift,) = connection.execute(
        "SELECT now() - interval '1 hour' - max(created_at) FROM events"
    ).fetchone() or (None,)
    for table, column in columns:
        connection.execute(
            sql.SQL("UPDATE {table} SET {column} = {column} + %s").format(
                table=sql.Identifier(table), column=sql.Identifier(column)
            ),
            (shift,),
        )


def run_of(driver: ApiDriver, task_id: str) -> Run:
    """The run that holds the lease with the epoch it had, and a token that the old code made."""
    lease = RunLease(project_id=PROJECT, task_id=task_id, lease_epoch=1)
    token = LeaseKeys(MASTER_KEY).lease_token(lease, utc_now().replace(year=2100))
    return Run(driver=driver, input={"task_id": task_id, "lease_token": token})


def tick(driver: ApiDriver) -> dict[str, int]:
    return reap(reaper_on(driver.outside.databases[0])).as_dict()


def rows(driver: ApiDriver, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(driver.dsn, autocommit=True) as connection:
        return connection.execute(cast(LiteralString, query)).fetchall()


def status(driver: ApiDriver, task_id: str) -> str:
    return driver.get(f"/v1/tasks/{task_id}").data["status"]


def test_a_run_under_way_ends_with_the_token_it_had(older: ApiDriver) -> None:
    run = run_of(older, "task_beating")
    assert run.post("heartbeat").status == 200
    assert run.get("context").status == 200
    assert run.post("complete", SLEPT).status == 200
    task = older.get("/v1/tasks/task_beating").data
    assert (task["status"], task["say"]) == ("completed", "I slept.")
    due = rows(older, "SELECT event_type, task_id FROM deliveries")
    assert ("task.completed", "task_beating") in due


def test_lost_runs_are_tried_again_and_what_waits_for_them_follows(older: ApiDriver) -> None:
    report = tick(older)
    assert report["tasks_released"] == 4
    assert status(older, "task_with_callback") == "cancelled"
    assert status(older, "task_on_a_worker") == "failed"  # it has one attempt
    rows(older, "UPDATE tasks SET run_after = now() WHERE run_after IS NOT NULL RETURNING 1")
    tick(older)

    first, second = older.claim("sleeper"), older.claim("sleeper")
    by_task = {run.input["task_id"]: run for run in (first, second)}
    assert by_task.keys() == {"task_lost", "task_needed"}
    assert by_task["task_lost"].input["checkpoint"]["data"] == {"turn": 2}
    assert "Sleep well." in by_task["task_lost"].get("messages").text
    late = run_of(older, "task_needed")
    assert late.post("complete", SLEPT).status == 409
    assert by_task["task_needed"].post("complete", SLEPT).status == 200
    assert older.claim("sleeper").input["task_id"] == "task_dependant"


def test_only_news_not_yet_reported_is_reported(older: ApiDriver) -> None:
    told = older.get("/v1/sessions/plan/updates").data["updates"]
    # The failure had been told (cursor 16); what ended after it had not.
    assert [update["task_id"] for update in told] == ["task_conversation"]
    told = older.get("/v1/sessions/other/updates").data["updates"]
    assert [update["task_id"] for update in told] == ["task_brief"]


def test_everything_can_be_read(older: ApiDriver) -> None:
    of_sessions = [
        f"/v1/sessions/{session}{part}"
        for session in ("plan", "other")
        for part in ("", "/events", "/conversation", "/memories", "/artifacts")
    ]
    of_tasks = [f"/v1/tasks/{task_id}" for (task_id,) in rows(older, "SELECT task_id FROM tasks")]
    lists = ["sessions", "tasks", "agents", "workers", "events", "endpoints", "deliveries"]
    targets = [*of_sessions, *of_tasks, *(f"/v1/{name}" for name in lists)]
    answers = {target: older.get(target).status for target in targets}
    assert {target: status for target, status in answers.items() if status != 200} == {}
    assert len(of_tasks) == 9


def test_callbacks_that_nobody_took_are_due_again(older: ApiDriver) -> None:
    rows(older, "UPDATE deliveries SET next_attempt_at = now() - interval '1 minute' RETURNING 1")
    assert tick(older)["callbacks_rung"] > 0


def test_a_command_repeated_over_the_upgrade_has_its_answer_of_then(older: ApiDriver) -> None:
    headers = {"Idempotency-Key": "idem_01a22303-73ad-77e6-a259-82997c90fc49"}
    body = {"session_id": "plan", "title": "Plan", "context": "things"}
    again = older.post("/v1/sessions", body, headers=headers)
    assert (again.status, again.headers["Idempotent-Replay"]) == (200, "true")


def test_an_old_session_with_runs_under_way_can_be_deleted(older: ApiDriver) -> None:
    assert older.call("DELETE", "/v1/sessions/plan").status == 200
    assert run_of(older, "task_beating").post("heartbeat").status == 409
