"""One idempotency key, tried twice: the first try is slow, the second is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from aiwebhook.commands.execute import execute
from aiwebhook.commands.validation import prepare
from aiwebhook.errors import Conflict
from tests.support.commands import CommandDriver

TASK = {"agent_name": "researcher", "description": "d", "task_id": "t1"}


def wait_for_whom_it_blocks(connection: psycopg.Connection[Any], dsn: str) -> None:
    """Return when another connection waits for a lock that this one holds."""
    query = "SELECT FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    with psycopg.connect(dsn, autocommit=True) as observer:
        while not observer.execute(query, [connection.info.backend_pid]).fetchall():
            observer.execute("SELECT pg_sleep(0.01)")


@pytest.mark.req("S5")
def test_a_try_that_comes_through_after_its_repeat_was_refused_has_no_effect(
    driver: CommandDriver,
) -> None:
    """Its function was slow, its client asked again and was told no; then the state changed."""
    driver.session("s")
    driver.send("delegate_task", "s", TASK)
    slow = driver.request("retry_task", "s", {"task_id": "t1"}, key="k1")
    with pytest.raises(Conflict) as refused:
        driver.send("retry_task", "s", {"task_id": "t1"}, key="k1")
    assert refused.value.code != "idempotency_in_flight"
    driver.sql(
        "UPDATE tasks SET status = 'failed', ready = false WHERE project_id = %(project_id)s"
    )

    with pytest.raises(Conflict) as late:
        execute(driver.twin(), slow)

    assert late.value.code == "idempotency_in_flight"
    [task] = driver.sql("SELECT status FROM tasks WHERE project_id = %(project_id)s")
    assert task["status"] == "failed"
    # The client may ask again under the same key, and is answered as the state is now.
    assert not driver.send("retry_task", "s", {"task_id": "t1"}, key="k1").replayed
    assert driver.send("retry_task", "s", {"task_id": "t1"}, key="k1").replayed


@pytest.mark.req("S5")
def test_a_write_that_waits_in_the_database_has_no_effect_once_its_repeat_was_refused(
    driver: CommandDriver,
) -> None:
    """Whoever began it may be dead: the server side of its connection goes on."""
    driver.session("s")
    slow = driver.request("append_conversation", "s", {"content": "x"}, key="k1")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(driver.dsn) as other:
        other.execute(
            "SELECT FROM sessions WHERE project_id = %s AND session_id = 's' FOR UPDATE",
            [driver.project_id],
        )
        late = pool.submit(execute, driver.twin(), slow)
        wait_for_whom_it_blocks(other, driver.dsn)
        repeat = driver.request("append_conversation", "s", {"content": "x"}, key="k1")
        change = prepare(repeat).context.change()
        assert driver.services.store.refuse_earlier_tries(change)
        other.rollback()
        with pytest.raises(Conflict):
            late.result()

    assert driver.count("conversation_chunks") == 0


@pytest.mark.req("S5")
def test_a_try_that_came_through_before_the_refusal_is_what_the_repeat_answers(
    driver: CommandDriver,
) -> None:
    """Between the look at the state and the refusal."""
    driver.session("s")
    done = driver.send("append_conversation", "s", {"content": "x"}, key="k1")
    repeat = driver.request("append_conversation", "s", {"content": "x"}, key="k1")

    assert not driver.services.store.refuse_earlier_tries(prepare(repeat).context.change())

    assert execute(driver.services, repeat).data == done.data
