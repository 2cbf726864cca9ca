"""What people wrote to a task and no run has read is told when it ends, whoever ends it."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

from aiwebhook.domain.attempt import OVERDUE_ERROR, STALE, UNSTARTED_ERROR
from aiwebhook.postgres.queue_store import PostgresQueueStore
from tests.support.session_api import ApiDriver, Run

pytestmark = pytest.mark.req("N5", "T6")

OVERDUE: LiteralString = "UPDATE tasks SET deadline = now() WHERE task_id = %s"
RUN_OUT: LiteralString = "UPDATE tasks SET lease_until = now() - interval '1 s' WHERE task_id = %s"


def change(driver: ApiDriver, statement: LiteralString, task_id: str) -> None:
    with psycopg.connect(driver.dsn) as connection:
        connection.execute(statement, (task_id,))


def reaper(driver: ApiDriver) -> PostgresQueueStore:
    assert isinstance(driver.api.runs, PostgresQueueStore)
    return driver.api.runs


def written_to(driver: ApiDriver, messages: int, **fields: Any) -> str:
    task_id = driver.task(agent_name="claude_code", **fields)
    for number in range(messages):
        told = driver.post(f"/v1/tasks/{task_id}/reply", {"message": f"Word {number}"})
        assert told.status == 200, told.text
    return task_id


def read(run: Run, after: int = 0) -> list[int]:
    """The numbers of the messages behind this one."""
    path = f"/v1/runs/{run.input['task_id']}/messages?after={after}"
    found = run.driver.get(path, token=run.input["lease_token"]).body["messages"]
    return [message["message_no"] for message in found]


def end_of(driver: ApiDriver, task_id: str) -> tuple[str, Any, str]:
    """What is said, the count in the output, the error's message."""
    task = driver.get(f"/v1/tasks/{task_id}").data
    output: dict[str, Any] = task.get("output") or {}
    return task["say"], output.get("unread_messages"), task["error"]["message"]


def test_a_cancelled_task_that_never_ran(driver: ApiDriver) -> None:
    one, many, none = (written_to(driver, n) for n in (1, 12, 0))
    for task_id in (one, many, none):
        driver.post(f"/v1/tasks/{task_id}/cancel")

    say, count, message = end_of(driver, one)
    assert say == "The task was cancelled, and a message to the task was not read."
    assert (count, message.endswith(" A message to it was not read.")) == (1, True)
    say, count, message = end_of(driver, many)
    assert say == "The task was cancelled, and 12 messages to the task were not read."
    assert (count, message.endswith(" 12 messages to it were not read.")) == (12, True)
    say, count, message = end_of(driver, none)
    assert (say, count, "not read" in message) == ("The task was cancelled.", None, False)


def test_an_overdue_task_waiting_or_at_work(driver: ApiDriver) -> None:
    late = "2999-01-01T00:00:00Z"
    working = written_to(driver, 2, deadline=late)
    run = driver.claim("claude_code")
    first, _ = read(run)
    read(run, after=first)  # has read the first; the second is with the agent
    waiting = written_to(driver, 1, deadline=late)
    for task_id in (working, waiting):
        change(driver, OVERDUE, task_id)
    reaper(driver).fail_overdue_tasks(OVERDUE_ERROR, limit=10)

    for task_id in (working, waiting):
        say, count, message = end_of(driver, task_id)
        assert say == (
            "The deadline passed before the task was done, and a message to the task was not read."
            " Give it more time, or split the task."
        )
        assert (count, message.endswith(" A message to it was not read.")) == (1, True)


def test_a_lost_task_at_its_last_attempt_only(driver: ApiDriver) -> None:
    task_id = written_to(driver, 1, max_attempts=2)
    for attempt in (1, 2):
        driver.claim("claude_code")
        change(driver, RUN_OUT, task_id)
        reaper(driver).release_stale_tasks(STALE, unstarted=UNSTARTED_ERROR, randoms=[0.0])
        task = driver.get(f"/v1/tasks/{task_id}").data
        assert (task["status"] == "failed") == (attempt == 2)
        assert ("not read" in str(task)) == (attempt == 2)
        change(driver, "UPDATE tasks SET run_after = NULL, ready = status = 'pending'"
               " WHERE task_id = %s", task_id)  # fmt: skip

    say, count, _ = end_of(driver, task_id)
    assert "Claude Code stopped sending signs of life before it was done, and a message" in say
    assert count == 1


def test_a_task_whose_dependency_failed(driver: ApiDriver) -> None:
    first = driver.task()
    task_id = written_to(driver, 1, depends_on=[first])
    driver.claim().post("fail", {"error_class": "refused", "message": "No."})

    say, count, message = end_of(driver, task_id)
    assert say.startswith(
        "A task that this one waited for did not complete, and a message to the task was not read. "
    )
    assert (count, message.endswith(" A message to it was not read.")) == (1, True)


def test_a_run_that_fails_and_tells_it_itself_or_not(driver: ApiDriver) -> None:
    told = {"output": {"text": "half", "unread_messages": "some"}, "message": "Half done."}
    for report in (told, {"output": {"text": "half"}, "message": "Half done."}):
        task_id = written_to(driver, 1)
        driver.claim("claude_code").post("fail", {"error_class": "refused", **report})
        say, count, message = end_of(driver, task_id)
        assert say.startswith("Half done, and a message to the task was not read. ")
        assert count == 1
        assert (message == "Half done.") == (report is told), "once is enough"
        assert driver.get(f"/v1/tasks/{task_id}").data["output"]["text"] == "half"


def test_what_was_read_is_not_told_whatever_a_run_claims_to_have_read(driver: ApiDriver) -> None:
    all_read, wild = written_to(driver, 2), written_to(driver, 1)
    run = driver.claim("claude_code")
    assert run.input["task_id"] == all_read
    assert read(run, after=read(run)[-1]) == []
    other = driver.claim("claude_code")
    read(other, after=10**15)
    driver.post(f"/v1/tasks/{wild}/reply", {"message": "Said after that"})
    for each in (run, other):
        each.post("fail", {"error_class": "refused", "message": "Half done."})

    assert end_of(driver, all_read)[1] is None
    assert end_of(driver, wild)[1] == 1
