"""Tasks: delegated, explained, cancelled, retried, answered, waited for."""

# reason: one command family, its tests side by side

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.commands.run_task_command import run_task_command
from aiwebhook.errors import Conflict, Invalid, NotFound
from aiwebhook.postgres.queue_store import PostgresQueueStore
from tests.support.commands import CommandDriver

TASK: dict[str, Any] = {"agent_name": "researcher", "description": "Which database?"}


@pytest.fixture
def session(driver: CommandDriver) -> str:
    """An open session."""
    return driver.session("s")


def set_status(driver: CommandDriver, task_id: str, status: str) -> None:
    """What the queue's own code would do, in short."""
    driver.sql(
        "UPDATE tasks SET status = %(status)s, ready = false, lease_until = NULL"
        " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
        task_id=task_id,
        status=status,
    )


@pytest.mark.req("T1")
def test_delegate_queues_the_task_and_rings_its_agent(driver: CommandDriver, session: str) -> None:
    reply = driver.send("delegate_task", session, {**TASK, "task_id": "t1", "priority": 7})
    assert reply.data["task_id"] == "t1"
    assert reply.data["status"] == "pending"
    assert reply.data["queue"]["position"] == 1
    assert driver.waker.woken == [(driver.project_id, "researcher")]
    assert driver.count("outbox") == 0
    assert driver.events(session)[-1][1] == "task.created"


@pytest.mark.req("T1")
def test_what_does_not_ring_is_rung_by_the_reaper(driver: CommandDriver, session: str) -> None:
    driver.waker.away = True
    driver.send("delegate_task", session, TASK)
    assert driver.count("outbox") == 0  # what is ready says it all
    rings = PostgresQueueStore(driver.database).ring_ready_agents(older_than_s=30)
    assert [ring.destination for ring in rings if ring.project_id == driver.project_id] == [
        "researcher"
    ]


@pytest.mark.req("T1")
def test_limits_come_from_the_manifest_unless_given(driver: CommandDriver, session: str) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    driver.send(
        "delegate_task", session, {**TASK, "task_id": "t2", "timeout_s": 5, "max_attempts": 1}
    )
    limits = {
        row["task_id"]: (row["timeout_s"], row["max_attempts"])
        for row in driver.sql("SELECT * FROM tasks WHERE project_id = %(project_id)s")
    }
    assert limits == {"t1": (600, 3), "t2": (5, 1)}


@pytest.mark.req("T1")
def test_the_same_task_again_is_kept_once(driver: CommandDriver, session: str) -> None:
    for _ in range(2):
        reply = driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
        assert reply.data["task_id"] == "t1"
    assert driver.count("tasks") == 1
    with pytest.raises(Conflict) as caught:
        driver.send("delegate_task", session, {**TASK, "task_id": "t1", "description": "other"})
    assert caught.value.code == "task_exists"


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"agent_name": "researcher"}, "/data"),
        ({**TASK, "agent_name": "Re searcher"}, "/data/agent_name"),
        ({**TASK, "priority": 12}, "/data/priority"),
        ({**TASK, "priority": "1"}, "/data/priority"),
        ({**TASK, "wait_s": 21}, "/data/wait_s"),
        ({**TASK, "timeout_s": 0}, "/data/timeout_s"),
        ({**TASK, "depends_on": ["a b"]}, "/data/depends_on/0"),
        (
            {**TASK, "not_before": "2036-12-02T00:00:00Z", "deadline": "2036-12-01T00:00:00Z"},
            "/data/deadline",
        ),
        ({**TASK, "callback_url": "http://example.com/x"}, "/data/callback_url"),
        ({**TASK, "callback_url": "https://127.0.0.1/x"}, "/data/callback_url"),
        ({**TASK, "callback_url": "https://user@example.com/"}, "/data/callback_url"),
        ({**TASK, "input_data": {"question": 5}}, "/data/input_data/question"),
        ({"agent_name": "local", "input_data": {"params": {}}}, "/data/input_data/action_type"),
        (
            {"agent_name": "local", "input_data": {"action_type": "rm", "params": {}}},
            "/data/input_data/action_type",
        ),
    ],
)
def test_a_task_that_breaks_a_rule_is_refused(
    driver: CommandDriver, session: str, data: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("delegate_task", session, data)
    assert [error.pointer for error in caught.value.errors] == [pointer]
    assert driver.count("tasks") == 0


@pytest.mark.req("T1")
def test_an_unknown_agent_or_dependency_is_not_found(driver: CommandDriver, session: str) -> None:
    with pytest.raises(NotFound) as caught:
        driver.send("delegate_task", session, {**TASK, "agent_name": "nobody"})
    assert caught.value.code == "agent_not_found"
    with pytest.raises(NotFound) as caught:
        driver.send("delegate_task", session, {**TASK, "depends_on": ["nope"]})
    assert caught.value.code == "dependency_not_found"
    assert caught.value.errors[0].pointer == "/data/depends_on/0"


@pytest.mark.req("T1", "O7")
def test_the_agents_that_are_offered_are_the_projects_own(
    driver: CommandDriver, stranger: CommandDriver, session: str
) -> None:
    stranger.sql(
        "UPDATE agents SET agent_name = 'stargazer'"
        " WHERE project_id = %(project_id)s AND agent_name = 'researcher'"
    )
    with pytest.raises(NotFound) as caught:
        driver.send("delegate_task", session, {**TASK, "agent_name": "stargaser"})
    assert "researcher" in str(caught.value.remedy)
    assert "stargazer" not in f"{caught.value.remedy} {caught.value.errors}"


@pytest.mark.req("T1")
def test_a_task_cannot_wait_for_one_that_ended_badly(driver: CommandDriver, session: str) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    driver.send("cancel_task", session, {"task_id": "t1"})
    with pytest.raises(Conflict) as caught:
        driver.send("delegate_task", session, {**TASK, "depends_on": ["t1"]})
    assert caught.value.code == "dependency_failed"


@pytest.mark.req("T1")
def test_the_reply_says_what_a_task_waits_for(driver: CommandDriver, session: str) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    reply = driver.send("delegate_task", session, {**TASK, "depends_on": ["t1"]})
    assert reply.data["queue"]["reason"] == "dependency"
    assert reply.data["queue"]["waits_for"] == ["t1"]
    later = driver.send("delegate_task", session, {**TASK, "not_before": "2099-01-01T00:00:00Z"})
    assert later.data["queue"]["reason"] == "not_before"
    work: dict[str, Any] = {"action_type": "git", "params": {}}
    local = {"agent_name": "local", "input_data": work}
    assert driver.send("delegate_task", session, local).data["queue"]["reason"] == "no_worker"


@pytest.mark.req("W3")
def test_a_sync_task_command_waits_for_no_worker_that_is_not_there(driver: CommandDriver) -> None:
    """The clock is read for the end of a wait; to wait is to read it again."""
    readings = iter([0.0, *[1e9] * 99])
    git = {"action_type": "git", "params": {"command": ["git", "status"]}}
    request = driver.request("", None, {"type": "task_command", "sync": True, "data": git})

    answer = run_task_command(driver.services, request, monotonic=lambda: next(readings))

    assert answer.pending
    assert next(readings) == 1e9
    assert len(list(readings)) == 98, "it waited"


@pytest.mark.req("T1")
def test_get_task_tells_state_result_and_queue(driver: CommandDriver, session: str) -> None:
    driver.send(
        "delegate_task", session, {**TASK, "task_id": "t1", "input_data": {"question": "q"}}
    )
    waiting = driver.send("get_task", None, {"task_id": "t1"})
    assert waiting.session_id == session
    assert waiting.data["queue"]["position"] == 1
    assert waiting.data["input"] == {"question": "q"}
    set_status(driver, "t1", "completed")
    driver.sql(
        "INSERT INTO task_results (project_id, task_id, lease_epoch, output, say)"
        " VALUES (%(project_id)s, 't1', 1, '{\"brief\": \"b\"}', 'It is Postgres.')"
    )
    done = driver.send("get_task", session, {"task_id": "t1", "wait_s": 20})
    assert (done.data["status"], done.data["output"]) == ("completed", {"brief": "b"})
    assert done.say == "It is Postgres."
    assert "queue" not in done.data


@pytest.mark.req("T1")
@pytest.mark.parametrize("command", ["get_task", "cancel_task", "retry_task", "reply_to_task"])
def test_a_task_is_not_found_elsewhere(driver: CommandDriver, session: str, command: str) -> None:
    driver.session("other")
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    more = {"message": "m"} if command == "reply_to_task" else {}
    for session_id, task_id in ((None, "nope"), ("other", "t1")):
        with pytest.raises(NotFound) as caught:
            driver.send(command, session_id, {"task_id": task_id, **more})
        assert caught.value.code == "task_not_found"


@pytest.mark.req("T1")
def test_cancelling_a_waiting_task_ends_it_and_those_that_wait_for_it(
    driver: CommandDriver, session: str
) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    driver.send("delegate_task", session, {**TASK, "task_id": "t2", "depends_on": ["t1"]})
    driver.send("delegate_task", session, {**TASK, "task_id": "t3", "depends_on": ["t2"]})
    reply = driver.send("cancel_task", session, {"task_id": "t1"})
    assert (reply.data["status"], reply.data["cancel_requested"]) == ("cancelled", False)
    states = {t["task_id"]: t["status"] for t in driver.send("list_tasks", session).data["tasks"]}
    assert states == {"t1": "cancelled", "t2": "failed", "t3": "failed"}
    published = [(e.type, e.task_id) for e in driver.publisher.published]
    assert published == [("task.cancelled", "t1"), ("task.failed", "t2"), ("task.failed", "t3")]
    assert driver.send("cancel_task", session, {"task_id": "t1"}).data["status"] == "cancelled"
    with pytest.raises(Conflict) as caught:
        driver.send("cancel_task", session, {"task_id": "t2"})
    assert caught.value.code == "task_ended"


@pytest.mark.req("T1")
def test_cancelling_a_running_task_asks_it_to_stop(driver: CommandDriver, session: str) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    driver.sql(
        "UPDATE tasks SET status = 'running', ready = false,"
        " lease_until = now() + interval '1 minute' WHERE project_id = %(project_id)s"
    )
    reply = driver.send("cancel_task", session, {"task_id": "t1"})
    assert (reply.data["status"], reply.data["cancel_requested"]) == ("running", True)


@pytest.mark.req("T1")
def test_only_what_ended_badly_is_retried(driver: CommandDriver, session: str) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    with pytest.raises(Conflict) as caught:
        driver.send("retry_task", session, {"task_id": "t1"})
    assert caught.value.code == "task_not_ended"
    driver.send("cancel_task", session, {"task_id": "t1"})
    reply = driver.send("retry_task", session, {"task_id": "t1"})
    assert (reply.data["status"], reply.data["queue"]["position"]) == ("pending", 1)
    assert driver.events(session)[-1][1] == "task.requeued"


@pytest.mark.req("T1")
@pytest.mark.parametrize("message", ["Use Postgres 18.", {"choice": "b"}])
def test_a_reply_is_kept_for_the_run(
    driver: CommandDriver, session: str, message: str | dict[str, str]
) -> None:
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    driver.send("reply_to_task", session, {"task_id": "t1", "message": message})
    rows = driver.sql("SELECT message FROM task_messages WHERE project_id = %(project_id)s")
    assert rows[0]["message"] == ({"text": message} if isinstance(message, str) else message)
    assert driver.events(session)[-1][1] == "task.message"
    set_status(driver, "t1", "completed")
    with pytest.raises(Conflict) as caught:
        driver.send("reply_to_task", session, {"task_id": "t1", "message": message})
    assert caught.value.code == "task_ended"


@pytest.mark.req("T1")
@pytest.mark.parametrize("agent", ["conversation_processor", "memory_keeper", "local"])
def test_a_message_that_nobody_would_read_is_refused(
    driver: CommandDriver, session: str, agent: str
) -> None:
    action: dict[str, Any] = {"input_data": {"action_type": "shell", "params": {}}}
    needed: dict[str, Any] = action if agent == "local" else {}
    task: dict[str, Any] = {**TASK, **needed, "agent_name": agent, "task_id": "t1"}
    driver.send("delegate_task", session, task)
    with pytest.raises(Conflict) as caught:
        driver.send("reply_to_task", session, {"task_id": "t1", "message": "Use Postgres."})
    assert caught.value.code == "agent_reads_no_messages"
    assert "Delegate a new task" in caught.value.remedy
    assert driver.sql("SELECT 1 FROM task_messages WHERE project_id = %(project_id)s") == []
    driver.send("cancel_task", session, {"task_id": "t1"})
    with pytest.raises(Conflict) as ended:
        driver.send("reply_to_task", session, {"task_id": "t1", "message": "Use Postgres."})
    assert ended.value.code == "task_ended"


@pytest.mark.req("T1")
def test_tasks_are_listed_by_session_status_and_agent(driver: CommandDriver, session: str) -> None:
    driver.session("other")
    driver.send("delegate_task", session, {**TASK, "task_id": "t1"})
    driver.send("delegate_task", session, {**TASK, "task_id": "t2", "agent_name": "memory_keeper"})
    driver.send("delegate_task", "other", {**TASK, "task_id": "t3"})
    driver.send("cancel_task", None, {"task_id": "t2"})

    def listed(session_id: str | None, **data: str) -> list[str]:
        return [t["task_id"] for t in driver.send("list_tasks", session_id, data).data["tasks"]]

    assert listed(None) == ["t3", "t2", "t1"]
    assert listed(session) == ["t2", "t1"]
    assert listed(session, status="cancelled") == ["t2"]
    assert listed(None, agent_name="researcher") == ["t3", "t1"]


@pytest.mark.req("T1")
def test_waiting_ends_with_the_time_when_nothing_happens(
    driver: CommandDriver, session: str
) -> None:
    reply = driver.send("delegate_task", session, {**TASK, "wait_s": 1})
    assert reply.data["status"] == "pending"
