"""News beside the answer: of other sessions, of what the caller did, of what the reply reports."""

from __future__ import annotations

import psycopg
import pytest

from aiwebhook.errors import Invalid, NotFound
from tests.support.commands import CommandDriver
from tests.support.news import read, told, told_elsewhere


@pytest.mark.req("N5", "O7")
def test_nothing_of_another_projects_news_is_told(
    driver: CommandDriver, stranger: CommandDriver
) -> None:
    for one in (driver, stranger):
        one.session("s")
        one.session("t")
    driver.finish("t1")
    stranger.finish("t3")
    read(driver, ack=read(driver).cursor)
    read(driver, reader="walk", ack=read(driver, reader="walk").cursor)
    driver.finish("t2", "t")
    for reader in (None, "walk", "new"):
        assert told(read(stranger, reader=reader)) == ["t3"]
    assert told_elsewhere(read(stranger, None)) == ["t3"]
    assert told_elsewhere(read(stranger)) == []
    assert told_elsewhere(read(driver)) == ["t2"]
    for session_id in ("s", None):
        listed = stranger.send("get_updates", session_id).data
        assert [update["task_id"] for update in listed["updates"]] == ["t3"]
        assert listed["total"] == 1


@pytest.mark.req("N5")
def test_the_task_that_a_reply_reports_is_not_told_twice_and_not_lost(
    driver: CommandDriver,
) -> None:
    driver.session("s")
    task = {"agent_name": "researcher", "description": "d", "task_id": "t1"}
    driver.send("delegate_task", "s", task)
    driver.sql(
        "UPDATE tasks SET status = 'completed', ready = false WHERE project_id = %(project_id)s"
    )
    driver.finish("t1")
    lost = driver.send("get_task", None, {"task_id": "t1"})
    assert (lost.data["status"], lost.updates, lost.updates_more) == ("completed", (), 0)
    assert told(read(driver)) == ["t1"]
    reported = driver.send("get_task", None, {"task_id": "t1"})
    assert reported.next is not None
    assert told(read(driver, ack=reported.cursor)) == []
    assert driver.send("get_task", None, {"task_id": "t1"}).next is None


@pytest.mark.req("N5")
def test_an_end_that_a_reply_does_not_know_of_yet_is_told_beside_it(driver: CommandDriver) -> None:
    driver.session("s")
    task = {"agent_name": "researcher", "description": "d", "task_id": "t1"}
    driver.send("delegate_task", "s", task)
    driver.finish("t1")  # between the reading of the task and the news
    reply = driver.send("get_task", None, {"task_id": "t1"})
    assert (reply.data["status"], told(reply)) == ("pending", ["t1"])


@pytest.mark.req("N5")
def test_what_a_conversation_did_itself_is_news_to_others_only(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("t")
    read(driver, reader="desk")
    task = {"agent_name": "researcher", "description": "d", "task_id": "t1"}
    driver.send("delegate_task", "s", task)
    assert driver.send("cancel_task", "s", {"task_id": "t1"}).updates == ()
    assert told(read(driver)) == []
    assert driver.send("get_updates", "s").data["total"] == 0
    assert told(read(driver, reader="desk")) == ["t1"]
    assert told_elsewhere(read(driver, "t")) == []


@pytest.mark.req("N5")
def test_what_befell_other_tasks_by_a_cancel_is_news(driver: CommandDriver) -> None:
    driver.session("s")
    task = {"agent_name": "researcher", "description": "d"}
    driver.send("delegate_task", "s", {**task, "task_id": "t1"})
    driver.send("delegate_task", "s", {**task, "task_id": "t2", "depends_on": ["t1"]})
    reply = driver.send("cancel_task", "s", {"task_id": "t1"})
    assert told(reply) == ["t2"]


@pytest.mark.req("N5")
def test_news_of_other_sessions_is_told_anywhere_in_short(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("t")
    ids = [driver.finish(f"t{number}") for number in range(5)]
    here, nowhere = read(driver, "t"), read(driver, None)
    assert told_elsewhere(here) == told_elsewhere(nowhere) == ["t0", "t1", "t2"]
    assert (here.elsewhere_more, here.updates, here.updates_more) == (2, (), 0)
    assert (nowhere.session_id, nowhere.cursor, nowhere.updates) == (None, None, ())
    item = nowhere.elsewhere[0]
    assert item | {"time": ""} == {
        "id": ids[0],
        "type": "task.completed",
        "time": "",
        "session_id": "s",
        "session_title": "A title",
        "task_id": "t0",
        "times": 2,
        "say": "t0 is completed.",
    }
    assert item["time"].endswith("Z")
    assert f'ack_updates {{"ids": ["{ids[0]}", "{ids[1]}", "{ids[2]}"]}}' in (here.next or "")
    assert told_elsewhere(read(driver, "s")) == []


@pytest.mark.req("N5")
def test_ids_acknowledged_anywhere_settle_it_for_all(driver: CommandDriver) -> None:
    for session_id in ("s", "t", "u"):
        driver.session(session_id)
    ids = [driver.finish(f"t{number}") for number in range(2)]
    assert told_elsewhere(read(driver, "t")) == ["t0", "t1"]
    driver.send("ack_updates", "t", {"ids": [ids[0]]})
    assert told_elsewhere(read(driver, "u")) == ["t1"]
    assert told_elsewhere(read(driver, None, reader="walk")) == ["t1"]
    assert told(read(driver)) == ["t1"]


@pytest.mark.req("N5")
def test_told_and_acknowledged_in_its_own_session_it_is_settled_for_all(
    driver: CommandDriver,
) -> None:
    for session_id in ("s", "t"):
        driver.session(session_id)
    driver.finish("t1")
    assert told_elsewhere(read(driver, "t", reader="walk")) == ["t1"]
    reply = read(driver, "s", reader="walk")
    assert told_elsewhere(read(driver, "t")) == ["t1"]
    read(driver, "s", reader="walk", ack=reply.cursor)
    assert told_elsewhere(read(driver, "t")) == []


@pytest.mark.req("N5")
def test_news_of_other_sessions_is_told_five_times_then_counted(driver: CommandDriver) -> None:
    for session_id in ("s", "t", "u"):
        driver.session(session_id)
    for number in range(4):
        driver.finish(f"t{number}")
    seen: list[str] = []
    places: list[str | None] = ["t", None, "u", "t", None]
    for number, place in enumerate(places, start=1):
        reply = read(driver, place, reader=f"c{number}")
        assert [item["times"] for item in reply.elsewhere] == [number] * 3
        seen += told_elsewhere(reply)
    assert {task_id: seen.count(task_id) for task_id in seen} == {"t0": 5, "t1": 5, "t2": 5}
    sixth = read(driver, "u")
    assert (told_elsewhere(sixth), sixth.elsewhere_more) == (["t3"], 3)
    everything = driver.send("get_updates").data
    assert [u["times"] for u in everything["updates"]] == [5, 5, 5, 1]
    assert everything["total"] == 4
    assert told(read(driver)) == ["t0", "t1", "t2", "t3"]


@pytest.mark.req("N5")
def test_get_updates_pages_through_everything(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("t")
    for number in range(7):
        driver.finish(f"t{number}", "st"[number % 2])
    for _ in range(5):
        read(driver)
    for session_id, expected in ((None, range(7)), ("s", range(0, 7, 2))):
        seen: list[str] = []
        cursor = None
        while True:
            asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            reply = driver.send("get_updates", session_id, asked)
            assert (reply.updates, reply.elsewhere) == ((), ())
            seen += [update["task_id"] for update in reply.data["updates"]]
            cursor = reply.data["next_cursor"]
            if session_id and cursor:
                assert reply.cursor == reply.data["updates"][-1]["seq"]
            if cursor is None:
                break
        assert seen == [f"t{number}" for number in expected]
    with pytest.raises(NotFound):
        driver.send("get_updates", "nowhere")
    with pytest.raises(Invalid):
        driver.send("get_updates", "s", {"cursor": "x"})


@pytest.mark.req("N5")
def test_a_batch_tells_news_like_any_command(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("t")
    driver.finish("t1")
    driver.finish("t2", "t")
    items = {"commands": [{"command": "list_memories"}]}
    reply = driver.send("batch", "s", items)
    assert (told(reply), told_elsewhere(reply)) == (["t1"], ["t2"])
    after = driver.send("batch", "s", items, ack=reply.cursor)
    assert (told(after), told_elsewhere(after)) == ([], ["t2"])
    item = {"command": "list_memories", "session_id": "s"}
    nowhere = driver.send("batch", None, {"commands": [item]})
    assert (nowhere.cursor, told_elsewhere(nowhere)) == (None, ["t2"])


@pytest.mark.req("N5")
def test_an_event_that_commits_late_is_not_passed_over(driver: CommandDriver) -> None:
    driver.session("s")
    driver.session("t")
    with psycopg.connect(driver.dsn) as slow:
        slow.execute(
            "INSERT INTO events (project_id, session_id, seq, type, task_id)"
            " VALUES (%s, 't', 2, 'task.completed', 'early')",
            (driver.project_id,),
        )
        slow.execute(
            "UPDATE sessions SET last_seq = 2 WHERE project_id = %s AND session_id = 't'",
            (driver.project_id,),
        )
        late = driver.finish("late")
        assert told_elsewhere(read(driver, None)) == ["late"]
        driver.send("ack_updates", None, {"ids": [late]})
        slow.commit()
    assert told_elsewhere(read(driver, None)) == ["early"]
    assert told(read(driver, "t")) == ["early"]


@pytest.mark.req("N5")
def test_what_a_batch_did_is_no_news_to_who_sent_it(driver: CommandDriver) -> None:
    driver.session("s")
    task = {"agent_name": "researcher", "description": "d"}
    for task_id in ("t1", "t2"):
        driver.send("delegate_task", "s", {**task, "task_id": task_id})
    cancels = [{"command": "cancel_task", "data": {"task_id": name}} for name in ("t1", "t2")]
    reply = driver.send("batch", "s", {"commands": cancels})
    assert (reply.updates, reply.updates_more) == ((), 0)
    assert told(read(driver)) == []
    assert told(read(driver, reader="desk")) == ["t1", "t2"]


@pytest.mark.req("N5")
def test_how_often_is_counted_per_update_whatever_is_told_beside_it(driver: CommandDriver) -> None:
    for session_id in ("a", "x"):
        driver.session(session_id)
    for task_id, session_id in (("a1", "a"), ("a2", "a"), ("x1", "x"), ("x2", "x"), ("x3", "x")):
        driver.finish(task_id, session_id)
    looks = [read(driver, place).elsewhere for place in ("a", None, "a")]
    assert [[(item["task_id"], item["times"]) for item in look] for look in looks] == [
        [("x1", 1), ("x2", 1), ("x3", 1)],
        [("a1", 1), ("a2", 1), ("x1", 2)],
        [("x1", 3), ("x2", 2), ("x3", 2)],
    ]
