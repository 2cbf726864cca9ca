"""catch_up: everything needed to go on with a session, small, and by reading only."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.domain.catching_up import (
    BYTES_PER_TOKEN,
    MOST_TOKENS,
    CatchUp,
    KeptMemory,
    RecentChunk,
    TaskGlimpse,
    shortened_session,
    tokens,
)
from tests.support.commands import CommandDriver

MOST_OF_A_REPLY = 1_500
SCRIPTS = {
    "ascii": "Word, word. ",
    "german": "Größenänderung! ",
    "chinese": "我们决定用铜",
    "emoji": "🦜🦜",
}


def any_session(text: str, *, items: int = 5) -> CatchUp:
    """A session in which everything is as long as it may be."""
    memories = [KeptMemory(key="k" * 128, type="action_item", text=text[:300])] * items
    task = TaskGlimpse(
        task_id="t" * 128,
        agent_name="a" * 64,
        agent_title=None,
        status="running",
        description=text[:300],
        say=text[:1000],
        error=None,
    )
    ended = replace(task, status="failed")
    return CatchUp(
        title=text[:500],
        status="active",
        time_zone="America/Argentina/ComodRivadavia",
        context=text[:300],
        last_words=[RecentChunk(chunk_id="c" * 128, text=text[:600])] * 2,
        decisions=memories,
        open_items=memories,
        running_tasks=[task] * items,
        finished_tasks=[ended] * items,
    )


@pytest.mark.req("S1")
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_fullest_session_fits_in_every_script(script: str) -> None:
    shown = shortened_session(any_session(SCRIPTS[script] * 1000))
    assert tokens(shown) <= MOST_TOKENS
    assert all(shown[name] for name in ("last_words", "decisions", "open_items"))
    assert all(shown[name] for name in ("running_tasks", "finished_tasks"))


@pytest.mark.req("S1")
def test_a_short_session_is_told_whole() -> None:
    words = "We take copper. " * 30
    shown = shortened_session(_short(words))
    assert shown["last_words"][0]["text"] == words[-600:]


def _short(words: str) -> CatchUp:
    return CatchUp(
        title="Carbon",
        status="active",
        time_zone=None,
        context=None,
        last_words=[RecentChunk(chunk_id="c", text=words)],
        decisions=[],
        open_items=[],
        running_tasks=[],
        finished_tasks=[],
    )


@pytest.mark.req("S1")
def test_a_whole_reply_has_fewer_tokens_than_promised(driver: CommandDriver) -> None:
    session_id = driver.session("s" * 128)
    _fill(driver, session_id)

    reply = driver.send("catch_up", session_id, reader="none")

    body = json.dumps(reply.as_json(), ensure_ascii=False)
    assert len(body.encode()) / BYTES_PER_TOKEN <= MOST_OF_A_REPLY
    assert reply.data["finished_tasks"][0]["say"]
    assert reply.data["last_words"][-1]["text"].endswith("the very last words")


def _fill(driver: CommandDriver, session_id: str) -> None:
    large = "x" * 400_000 + "the very last words"
    for content in ("Ana: " + "We talk. " * 500, large):
        driver.send("append_conversation", session_id, {"content": content})
    for number in range(7):
        for kind in ("decision", "action_item", "question"):
            content = {"text": f"{kind} {number} " + "word " * 100}
            key = f"{kind}-{number}-" + "k" * 100
            data = {"type": kind, "content": content, "key": key}
            driver.send("store_memory", session_id, data)
        task_id = f"task-{number}-" + "t" * 100
        work = {"agent_name": "researcher", "description": "Look. " * 300, "task_id": task_id}
        driver.send("delegate_task", session_id, work)
        if number % 2:
            _end(driver, task_id)


def _end(driver: CommandDriver, task_id: str) -> None:
    driver.sql(
        "UPDATE tasks SET status = 'completed', ready = false"
        " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
        task_id=task_id,
    )
    driver.sql(
        "INSERT INTO task_results (project_id, task_id, lease_epoch, say, output)"
        " VALUES (%(project_id)s, %(task_id)s, 1, 'It is done. All of it.', %(output)s)",
        task_id=task_id,
        output=Jsonb({}),
    )


@pytest.mark.req("S1", "N5")
def test_it_changes_nothing_and_acknowledges_nothing(driver: CommandDriver) -> None:
    session_id = driver.session()
    driver.send("pause_session", session_id)
    driver.finish("t1", session_id)
    before = (driver.events(session_id), _readers(driver))

    data = driver.send("catch_up", session_id, reader="phone", safe=True).data
    for _ in range(3):
        driver.send("catch_up", session_id, reader="phone", safe=True)

    assert data["status"] == "paused"
    assert (driver.events(session_id), _readers(driver)) == before
    assert [u["task_id"] for u in driver.send("list_memories", session_id).updates] == ["t1"]


def _readers(driver: CommandDriver) -> list[dict[str, Any]]:
    return driver.sql("SELECT * FROM readers WHERE project_id = %(project_id)s ORDER BY 1, 2, 3, 4")


ADDING: dict[str, dict[str, Any]] = {
    "append_conversation": {"content": "We go on."},
    "store_memory": {"type": "note", "content": "We go on."},
    "add_artifact": {"name": "n", "type": "t", "content": "c"},
    "delegate_task": {"agent_name": "researcher", "description": "Go on."},
    "retry_task": {"task_id": "old"},
    "reply_to_task": {"task_id": "open", "message": "Go on."},
}


@pytest.mark.req("S1")
@pytest.mark.parametrize("command", ADDING)
def test_the_first_write_resumes_a_paused_session(driver: CommandDriver, command: str) -> None:
    session_id = driver.session()
    for task_id in ("old", "open"):
        work = {"agent_name": "claude_code", "description": "d", "task_id": task_id}
        driver.send("delegate_task", session_id, work)
    driver.send("cancel_task", data={"task_id": "old"})
    driver.send("pause_session", session_id)
    where = session_id if "task_id" not in ADDING[command] else None

    reply = driver.send(command, where, ADDING[command])

    events = driver.events(session_id)
    assert driver.send("get_session_summary", session_id).data["status"] == "active"
    assert events[-1][1] == "session.resumed"
    assert (reply.session_id, reply.cursor) == (session_id, events[-1][0])
    assert [seq for seq, _ in events] == list(range(1, len(events) + 1))


@pytest.mark.req("S1")
@pytest.mark.parametrize("command", ["list_memories", "catch_up", "cancel_task", "forget_memory"])
def test_what_adds_nothing_leaves_it_paused(driver: CommandDriver, command: str) -> None:
    session_id = driver.session()
    work = {"agent_name": "researcher", "description": "d", "task_id": "t"}
    driver.send("delegate_task", session_id, work)
    driver.send("store_memory", session_id, {"type": "note", "content": "c", "key": "k"})
    driver.send("pause_session", session_id)
    data = {"cancel_task": {"task_id": "t"}, "forget_memory": {"key": "k"}}

    driver.send(command, session_id, data.get(command, {}))

    assert driver.send("get_session_summary", session_id).data["status"] == "paused"


@pytest.mark.req("S1", "S5")
def test_a_replayed_write_does_not_resume_what_was_paused_since(driver: CommandDriver) -> None:
    session_id = driver.session()
    for _ in range(2):
        driver.send("append_conversation", session_id, {"content": "c"}, key="once")
        driver.send("pause_session", session_id)
    assert driver.send("get_session_summary", session_id).data["status"] == "paused"


@pytest.mark.req("S1", "S5")
def test_the_last_of_a_batch_counts(driver: CommandDriver) -> None:
    add = {"command": "append_conversation", "data": {"content": "c"}}
    pause = {"command": "pause_session"}
    for commands, status in (([pause, add], "active"), ([add, pause], "paused")):
        session_id = driver.session()
        driver.send("batch", session_id, {"commands": commands})
        assert driver.send("get_session_summary", session_id).data["status"] == status


@pytest.mark.req("S1")
def test_a_session_without_anything_is_told_too(driver: CommandDriver) -> None:
    reply = driver.send("catch_up", driver.session())
    assert reply.say == "The session A title is active, and it has no tasks."
