# reason: one short test per thing that can happen to a session
"""Sessions: opened, paused, resumed, completed, deleted, listed, summed up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.errors import Conflict, Invalid, NotFound
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.ports.run_reports import RunReport
from tests.support.commands import CommandDriver
from tests.support.queue import QueueDriver


@pytest.fixture
def queue(driver: CommandDriver) -> Iterator[QueueDriver]:
    """The queue of the driver's project."""
    queue = QueueDriver(driver.dsn, project_id=driver.project_id)
    yield queue
    queue.database.close()


@pytest.mark.req("S1")
def test_create_opens_a_session_with_its_first_event(driver: CommandDriver) -> None:
    reply = driver.send("create_session", "carbon", {"title": "Carbon", "participants": ["ana"]})
    assert (reply.session_id, reply.cursor) == ("carbon", 1)
    assert driver.events("carbon") == [(1, "session.created")]


@pytest.mark.req("S1")
def test_create_without_an_id_makes_one(driver: CommandDriver) -> None:
    reply = driver.send("create_session", None, {"title": "Walk"})
    assert reply.session_id is not None
    assert driver.send("get_session_summary", reply.session_id).data["title"] == "Walk"


@pytest.mark.req("S1")
def test_create_again_with_the_same_body_is_no_conflict(driver: CommandDriver) -> None:
    first = driver.send("create_session", "s", {"title": "One", "participants": ["ana"]})
    driver.send("append_conversation", "s", {"content": "words"})
    again = driver.send("create_session", "s", {"participants": ["ana"], "title": "One"})
    assert (again.message, again.say, again.data) == (first.message, first.say, first.data)
    assert [type_ for _, type_ in driver.events("s")].count("session.created") == 1


@pytest.mark.req("S1")
def test_create_again_with_another_body_is_a_conflict_with_a_remedy(driver: CommandDriver) -> None:
    driver.send("create_session", "s", {"title": "One"})
    with pytest.raises(Conflict) as caught:
        driver.send("create_session", "s", {"title": "Two"})
    assert caught.value.code == "session_exists"
    assert "another session_id" in caught.value.remedy


@pytest.mark.req("S1")
@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        (["complete_session"], "pause_session", "session_completed"),
    ],
)
def test_a_status_that_does_not_allow_it_is_a_conflict(
    driver: CommandDriver, before: list[str], command: str, code: str
) -> None:
    driver.session("s")
    for step in before:
        driver.send(step, "s")
    with pytest.raises(Conflict) as caught:
        driver.send(command, "s")
    assert caught.value.code == code


@pytest.mark.req("S1")
def test_pause_resume_complete_and_resume_again_leave_their_events(driver: CommandDriver) -> None:
    driver.session("s")
    for command in ("pause_session", "resume_session", "complete_session", "resume_session"):
        driver.send(command, "s")
    assert [type_ for _, type_ in driver.events("s")] == [
        "session.created",
        "session.paused",
        "session.resumed",
        "session.completed",
        "session.resumed",
    ]
    assert driver.send("get_session_summary", "s").data["status"] == "active"


@pytest.mark.req("S1")
@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("append_conversation", {"content": "late words"}),
        ("store_memory", {"type": "note", "content": "late"}),
        ("add_artifact", {"name": "n", "type": "t", "content": "late"}),
        ("delegate_task", {"agent_name": "researcher", "description": "late"}),
    ],
)
def test_a_completed_session_takes_nothing_new_and_says_how_to_go_on(
    driver: CommandDriver, command: str, data: dict[str, str]
) -> None:
    driver.session("s")
    driver.send("complete_session", "s")
    with pytest.raises(Conflict) as caught:
        driver.send(command, "s", data)
    assert caught.value.code == "session_completed"
    assert "resume_session" in caught.value.remedy
    driver.send("resume_session", "s")
    driver.send(command, "s", data)


@pytest.mark.req("S1")
def test_a_paused_session_loses_no_words(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("pause_session", "s")
    driver.send("append_conversation", "s", {"content": "still talking"})
    assert driver.send("get_session_summary", "s").data["stats"]["conversation_chunks"] == 1


@pytest.mark.req("S1")
@pytest.mark.parametrize(
    "command",
    [
        "pause_session",
        "resume_session",
        "complete_session",
        "delete_session",
        "get_session_summary",
        "list_memories",
        "list_tasks",
        "list_artifacts",
    ],
)
def test_an_unknown_session_is_not_found(driver: CommandDriver, command: str) -> None:
    with pytest.raises(NotFound) as caught:
        driver.send(command, "nowhere")
    assert caught.value.code == "session_not_found"


@pytest.mark.req("S1", "S9")
def test_delete_takes_everything_along_and_leaves_one_event(driver: CommandDriver) -> None:
    driver.session("s")
    driver.send("append_conversation", "s", {"content": "words"})
    driver.send("store_memory", "s", {"type": "idea", "content": "x"})
    driver.send("add_artifact", "s", {"name": "n", "type": "t", "content": "c"})
    driver.send("delegate_task", "s", {"agent_name": "researcher", "description": "d"})
    reply = driver.send("delete_session", "s")
    assert driver.events("s") == [(reply.cursor, "session.deleted")]
    for table in ("sessions", "conversation_chunks", "memories", "tasks", "artifacts", "outbox"):
        assert driver.count(table) == 0, table
    with pytest.raises(NotFound):
        driver.send("get_session_summary", "s")


@pytest.mark.req("S9")
def test_a_session_that_takes_a_deleted_id_goes_on_counting(driver: CommandDriver) -> None:
    driver.session("s")
    deleted = driver.send("delete_session", "s")
    again = driver.send("create_session", "s", {"title": "A title"})
    assert deleted.cursor is not None
    assert again.cursor == deleted.cursor + 1


@pytest.mark.req("S1")
def test_a_session_that_others_wait_for_is_not_deleted(driver: CommandDriver) -> None:
    driver.session("first")
    driver.session("second")
    task = {"agent_name": "researcher", "description": "d"}
    driver.send("delegate_task", "first", {**task, "task_id": "t1"})
    driver.send("delegate_task", "second", {**task, "task_id": "t2", "depends_on": ["t1"]})
    with pytest.raises(Conflict) as caught:
        driver.send("delete_session", "first")
    assert caught.value.code == "session_needed"
    driver.send("cancel_task", None, {"task_id": "t1"})
    driver.send("delete_session", "first")


@pytest.mark.req("S1")
def test_list_filters_searches_and_pages(driver: CommandDriver) -> None:
    for number in range(5):
        driver.send("create_session", f"s{number}", {"title": f"Topic {number}"})
    driver.send("complete_session", "s3")
    assert [s["session_id"] for s in driver.send("list_sessions").data["sessions"]] == [
        "s4",
        "s3",
        "s2",
        "s1",
        "s0",
    ]
    done = driver.send("list_sessions", None, {"filter": "completed"})
    assert [s["session_id"] for s in done.data["sessions"]] == ["s3"]
    found = driver.send("list_sessions", None, {"search": "tOPIC 2"})
    assert [s["session_id"] for s in found.data["sessions"]] == ["s2"]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = driver.send(
            "list_sessions", None, {"limit": 2, **({"cursor": cursor} if cursor else {})}
        )
        seen += [s["session_id"] for s in page.data["sessions"]]
        cursor = page.data["next_cursor"]
    assert (seen, cursor) == (["s4", "s3", "s2", "s1", "s0"], None)


@pytest.mark.req("S1")
@pytest.mark.parametrize("cursor", ["x", "e30", "bnVsbA", "W10", "WyIyMDI2LTAxLTAxIiwgImEiXQ", "é"])
def test_a_cursor_that_is_not_ours_is_refused(driver: CommandDriver, cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("list_sessions", None, {"cursor": cursor})
    assert [e.pointer for e in caught.value.errors] == ["/data/cursor"]


@pytest.mark.req("S1")
def test_summary_has_the_fields_of_the_wire_format(driver: CommandDriver) -> None:
    driver.send("create_session", "s", {"title": "T", "participants": ["a"], "context": "c"})
    driver.send("append_conversation", "s", {"content": "words"})
    driver.send("delegate_task", "s", {"agent_name": "researcher", "description": "d"})
    data = driver.send("get_session_summary", "s").data
    assert set(data) == {
        "session_id",
        "title",
        "participants",
        "context",
        "time_zone",
        "status",
        "created",
        "last_activity",
        "duration_minutes",
        "stats",
        "usage",
    }
    assert data["stats"] == {
        "conversation_chunks": 1,
        "memories": 0,
        "tasks": 1,
        "artifacts": 0,
        "active_tasks": 1,
    }


@pytest.mark.req("T2")
@pytest.mark.parametrize("worker_id", [None, "worker_1"], ids=["claimed", "running"])
def test_a_delete_rings_for_those_who_waited_for_a_place(
    driver: CommandDriver, queue: QueueDriver, worker_id: str | None
) -> None:
    driver.session("first")
    driver.session("second")
    task = {"agent_name": "researcher", "description": "d"}
    for number in range(2):
        first = {**task, "task_id": f"first-{number}", "priority": 9}
        driver.send("delegate_task", "first", first)
    driver.send("delegate_task", "second", {**task, "task_id": "waiting"})
    driver.sql("UPDATE agents SET max_concurrent = 2 WHERE project_id = %(project_id)s")
    assert len(queue.claim(worker_id=worker_id)) == 2
    assert not queue.claim(worker_id=worker_id)
    driver.waker.woken.clear()

    driver.send("delete_session", "first")

    assert driver.waker.woken == [(driver.project_id, "researcher")]
    assert driver.count("outbox") == 0
    assert [claim.task_id for claim in queue.claim(worker_id=worker_id)] == ["waiting"]


@pytest.mark.req("T1")
def test_a_session_whose_end_of_a_task_was_not_told_yet_is_not_deleted(
    driver: CommandDriver, queue: QueueDriver
) -> None:
    """As after a crash between the two: with the edge gone, the dependant would wait for ever."""
    driver.session("first")
    driver.session("second")
    task = {"agent_name": "researcher", "description": "d"}
    driver.send("delegate_task", "first", {**task, "task_id": "t1"})
    driver.send("delegate_task", "second", {**task, "task_id": "t2", "depends_on": ["t1"]})
    report = RunReport(lease=queue.running(), completion=Completion(output={}))
    assert queue.store.complete_runs([report]).leases
    with pytest.raises(Conflict):
        driver.send("delete_session", "first")
    queue.store.resolve_dependants(queue.store.open_dependencies(limit=10))
    driver.send("delete_session", "first")
    assert [claim.task_id for claim in queue.claim()] == ["t2"]


def test_a_delete_and_a_change_of_a_task_never_wait_for_each_other(
    driver: CommandDriver, queue: QueueDriver
) -> None:
    """Everybody locks tasks before sessions, a delete too."""
    driver.session("s")
    driver.send("delegate_task", "s", {"agent_name": "researcher", "description": "d"})
    with ThreadPoolExecutor() as pool, queue.connection.transaction():
        queue.sql("SELECT FROM tasks WHERE project_id = %(project_id)s FOR NO KEY UPDATE")
        deleted = pool.submit(driver.send, "delete_session", "s")
        queue.wait_for_lock_waiter()
        queue.sql("SELECT FROM sessions WHERE project_id = %(project_id)s FOR NO KEY UPDATE NOWAIT")
    assert deleted.result().data["deleted"] is True


@pytest.mark.req("S1")
def test_nothing_of_a_deleted_session_is_called_back(driver: CommandDriver) -> None:
    """Not even by hand: what was to be told is gone."""
    driver.session("s")
    driver.sql(
        "INSERT INTO endpoints (project_id, url) VALUES (%(project_id)s, 'https://example.com')"
    )
    for status in ("pending", "held", "dead", "delivered"):
        task = {"agent_name": "researcher", "description": "d", "task_id": status}
        driver.send("delegate_task", "s", task)
        driver.send("cancel_task", None, {"task_id": status})
        driver.sql(
            "UPDATE deliveries SET status = %(status)s"
            " WHERE project_id = %(project_id)s AND task_id IS NULL OR task_id = %(status)s",
            status=status,
        )
    assert driver.count("deliveries") >= 4
    driver.send("delete_session", "s")
    assert driver.count("deliveries") == 0
