"""Setting a session to the status it has is no error; resuming answers what is needed to go on."""

from __future__ import annotations

import pytest

from tests.support.commands import CommandDriver

OFTEN: tuple[tuple[list[str], str, str], ...] = (
    ([], "resume_session", "active"),
    (["pause_session"], "pause_session", "paused"),
    (["complete_session"], "complete_session", "completed"),
)


@pytest.mark.req("S1")
@pytest.mark.parametrize(("before", "command", "status"), OFTEN)
def test_the_status_it_has_already_changes_nothing(
    driver: CommandDriver, before: list[str], command: str, status: str
) -> None:
    session_id = driver.session()
    for name in before:
        driver.send(name, session_id)
    events = driver.events(session_id)

    reply = driver.send(command, session_id, key="once")
    again = driver.send(command, session_id, key="once")

    assert (reply.data["status"], again.data["status"]) == (status, status)
    assert driver.events(session_id) == events


@pytest.mark.req("S1")
@pytest.mark.parametrize("before", [[], ["pause_session"], ["complete_session"]])
def test_resuming_answers_what_is_needed_to_go_on(driver: CommandDriver, before: list[str]) -> None:
    session_id = driver.session()
    driver.send("append_conversation", session_id, {"content": "x" * 1000 + " the last words"})
    for kind, content in (
        ("decision", "We take copper"),
        ("action_item", {"text": "Call Ben", "owner": "Ana"}),
        ("question", "Which grade?"),
        ("fact", "not among them"),
    ):
        driver.send("store_memory", session_id, {"type": kind, "content": content})
    task = {"agent_name": "researcher", "description": "Look into it", "task_id": "t1"}
    driver.send("delegate_task", session_id, task)
    driver.send("delegate_task", session_id, {**task, "task_id": "t2"})
    driver.send("cancel_task", data={"task_id": "t2"})
    for name in before:
        driver.send(name, session_id)

    data = driver.send("resume_session", session_id).data

    assert (data["title"], data["status"]) == ("A title", "active")
    assert data["last_words"][0]["text"].endswith(" the last words")
    assert len(data["last_words"][0]["text"]) == 600
    assert [item["text"] for item in data["decisions"]] == ["We take copper"]
    assert [item["text"] for item in data["open_items"]] == ["Which grade?", "Call Ben"]
    assert [task["task_id"] for task in data["running_tasks"]] == ["t1"]
    assert [task["task_id"] for task in data["finished_tasks"]] == ["t2"]


@pytest.mark.req("S1")
def test_another_project_s_session_of_the_same_name_is_not_told(driver: CommandDriver) -> None:
    other = CommandDriver(driver.dsn)
    for each, content in ((driver, "mine"), (other, "theirs")):
        each.session("same")
        each.send("append_conversation", "same", {"content": content})
        each.send("store_memory", "same", {"type": "decision", "content": content})
        each.send("store_memory", "same", {"type": "question", "content": content})
        work = {"agent_name": "researcher", "description": content, "task_id": "same"}
        each.send("delegate_task", "same", work)

    text = str(driver.send("resume_session", "same").data)
    other.close()

    assert "mine" in text
    assert "theirs" not in text
    assert text.count("'task_id': 'same'") == 1
