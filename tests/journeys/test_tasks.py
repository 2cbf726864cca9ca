"""A task's life: cancelled, waiting for another, waiting for its time, tried again."""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from aiwebhook.client import Json
from aiwebhook_local.stack import StackInfo
from tests.support.agents import FAILING, QUICK, SLOW
from tests.support.tenant import Tenant, tick
from tests.support.waiting import eventually


def of_type(project: Tenant, session_id: str, event_type: str) -> list[Json]:
    """The events of this type in a session."""
    return [event for event in project.events(session_id) if event["type"] == event_type]


@pytest.mark.req("T1", "T4")
def test_a_running_task_is_cancelled_within_two_seconds_and_its_process_is_gone(
    project: Tenant,
) -> None:
    project.play("researcher", SLOW)
    session_id = project.session()
    task_id = project.delegate(session_id, "researcher")
    [progress] = eventually(lambda: of_type(project, session_id, "task.progress"))
    process = psutil.Process(int(progress["data"]["message"].removeprefix("pid ")))

    [asked] = project.sql("SELECT clock_timestamp() AS at")
    project.client.command("cancel_task", session_id, {"task_id": task_id})
    task = project.ended(task_id)

    assert task["status"] == "cancelled"
    [cancelled] = of_type(project, session_id, "task.cancelled")
    took = datetime.fromisoformat(cancelled["time"]) - asked["at"]
    assert took.total_seconds() < 2  # the promise of T4, by the database's clock alone
    eventually(lambda: not process.is_running())


@pytest.mark.req("T4", "T7")
def test_the_processes_of_a_run_are_gone_soon_after_its_session_was_deleted(
    project: Tenant,
) -> None:
    """Without StopTask: the supervisor asks every second, and learns that its lease is lost."""
    project.play("researcher", SLOW)
    session_id = project.session()
    project.delegate(session_id, "researcher")
    [progress] = eventually(lambda: of_type(project, session_id, "task.progress"), within_s=60)
    agent = psutil.Process(int(progress["data"]["message"].removeprefix("pid ")))
    supervisor = agent.parent()
    assert supervisor is not None

    project.client.delete_session(session_id)

    eventually(lambda: not agent.is_running(), within_s=30)
    eventually(lambda: not supervisor.is_running(), within_s=30)


@pytest.mark.req("T4", "T7")
def test_the_container_of_a_hung_supervisor_is_stopped_after_its_session_was_deleted(
    project: Tenant, stack: StackInfo
) -> None:
    project.play("researcher", SLOW)
    session_id = project.session()
    project.delegate(session_id, "researcher")
    [progress] = eventually(lambda: of_type(project, session_id, "task.progress"), within_s=60)
    agent = psutil.Process(int(progress["data"]["message"].removeprefix("pid ")))
    supervisor = agent.parent()
    assert supervisor is not None
    container = supervisor.parent()
    assert container is not None
    [attempt] = project.sql(
        "SELECT attempt_name(attempt_id, claimed_at, lease_epoch) AS attempt_id, runtime_ref"
        " FROM task_attempts WHERE project_id = %(project_id)s"
    )
    supervisor.suspend()

    project.client.delete_session(session_id)
    tick(stack)

    noted = "SELECT FROM runs_to_stop WHERE attempt_id = %(attempt_id)s"
    assert not project.sql(noted, attempt_id=attempt["attempt_id"])
    [task] = stack.aws.client("ecs").describe_tasks(
        cluster=attempt["runtime_ref"].split("/")[1], tasks=[attempt["runtime_ref"]]
    )["tasks"]
    assert (task["desiredStatus"], task["stopCode"]) == ("STOPPED", "UserInitiated")
    container.send_signal(signal.SIGALRM)  # as when the two minutes of its stopTimeout are over
    eventually(lambda: not agent.is_running(), within_s=30)
    eventually(lambda: not supervisor.is_running(), within_s=30)


@pytest.mark.req("T1", "T10")
def test_a_task_waits_for_those_it_depends_on_and_fails_with_them(
    project: Tenant, tmp_path: Path
) -> None:
    project.play("researcher", QUICK)
    project.play("memory_keeper", FAILING)
    session_id = project.session()
    first = project.delegate(session_id, "researcher", input_data={"seconds": 0.5})
    second = project.delegate(session_id, "researcher", depends_on=[first])
    hopeless = {"until": str(tmp_path / "never"), "error_class": "refused"}
    failing = project.delegate(session_id, "memory_keeper", input_data=hopeless)
    orphan = project.delegate(session_id, "researcher", depends_on=[failing])

    assert project.ended(second)["status"] == "completed"
    ends = [e["task_id"] for e in of_type(project, session_id, "task.completed")]
    assert ends == [first, second]
    claims = [e["task_id"] for e in of_type(project, session_id, "task.claimed")]
    assert claims.index(second) > claims.index(first)
    assert project.ended(failing)["error"]["error_class"] == "refused"
    assert project.ended(orphan)["error"]["error_class"] == "dependency_failed"
    assert orphan not in claims


@pytest.mark.req("T1", "T10")
def test_a_delayed_task_starts_when_its_time_has_come(stack: StackInfo, project: Tenant) -> None:
    project.play("researcher", QUICK)
    session_id = project.session()
    [clock] = project.sql(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '1.5 seconds',"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS.MSZ') AS later"
    )
    task_id = project.delegate(session_id, "researcher", not_before=clock["later"])
    asked = project.client.task(task_id)
    assert (asked["status"], asked["queue"]["reason"]) == ("pending", "not_before"), asked

    def ended() -> Json | None:
        tick(stack)
        task = project.client.task(task_id, wait_s=1)
        return task if task["status"] == "completed" else None

    task = eventually(ended)
    due, claimed = clock["later"], task["claimed_at"]
    assert datetime.fromisoformat(due) <= datetime.fromisoformat(claimed)


@pytest.mark.req("T1", "T6")
def test_a_failed_task_is_tried_again_by_itself_and_by_hand(
    stack: StackInfo, project: Tenant, tmp_path: Path
) -> None:
    project.play("researcher", FAILING)
    session_id = project.session()
    mended = tmp_path / "mended"
    overloaded = {"until": str(mended), "error_class": "overloaded"}
    refused = {"until": str(mended), "error_class": "refused"}
    by_itself = project.delegate(session_id, "researcher", input_data=overloaded)
    by_hand = project.delegate(session_id, "researcher", input_data=refused)

    [requeued] = eventually(lambda: of_type(project, session_id, "task.requeued"))
    assert requeued["data"]["error"]["remedy"]
    assert project.ended(by_hand)["status"] == "failed"
    mended.touch()
    # The back-off is half a minute or more: the test lets that time pass in the database.
    project.sql("UPDATE tasks SET run_after = now() WHERE project_id = %(project_id)s")
    tick(stack)
    project.client.command("retry_task", session_id, {"task_id": by_hand})

    for task_id in (by_itself, by_hand):
        assert project.ended(task_id)["status"] == "completed"
    attempts = project.sql(
        "SELECT task_id, led_to FROM task_attempts WHERE project_id = %(project_id)s"
        " ORDER BY task_id, lease_epoch"
    )
    assert [a["led_to"] for a in attempts if a["task_id"] == by_itself] == ["pending", "completed"]
    assert [a["led_to"] for a in attempts if a["task_id"] == by_hand] == ["failed", "completed"]
