"""The other messages: commands end to end, insights, task commands."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.relay.conftest import RelayClient
from tests.relay.test_bad_input import assert_nothing_stored, assert_problem
from tests.support.commands import open_database

INSIGHT: dict[str, Any] = {
    "type": "llm_conversation_insight",
    "version": "1.0",
    "timestamp": "2025-11-15T10:30:00Z",
    "conversation": {"id": "conv_abc123", "participant": "ana", "context": "on a walk"},
    "insight": {
        "type": "action_item",
        "priority": "high",
        "title": "Call Ben",
        "content": "Call Ben about the lease",
        "tags": ["phone"],
        "suggested_followup": "Tomorrow",
    },
    "metadata": {"llm_model": "m", "confidence": 0.95},
}
GIT: dict[str, Any] = {
    "type": "task_command",
    "data": {
        "task_id": "git_status_001",
        "action_type": "git",
        "params": {"command": ["git", "status"], "working_dir": ".", "timeout": 30},
    },
}


@pytest.mark.req("W2", "S1")
def test_a_command_is_answered_as_the_wire_format_says(relay: RelayClient) -> None:
    answer = relay.command(
        "create_session",
        "carbon_planning",
        {"title": "Carbon tracking", "participants": ["chatgpt"], "context": "walking the dog"},
    )
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body["message"] == "Session 'carbon_planning' created"
    assert (answer.body["say"], answer.body["cursor"]) == ("I opened the session.", 1)
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.req("S5")
@pytest.mark.parametrize("where", ["header", "quoted header", "body"])
def test_a_replay_is_marked_and_answers_the_same(relay: RelayClient, where: str) -> None:
    relay.command("create_session", "s", {})
    body: dict[str, Any] = {
        "type": "collaborative_session_command",
        "command": "store_memory",
        "session_id": "s",
        "data": {"type": "idea", "content": "x"},
    }
    headers = {"header": {"Idempotency-Key": "k1"}, "quoted header": {"Idempotency-Key": '"k1"'}}
    if where == "body":
        body["request_id"] = "k1"
    first = relay.post(body, headers=headers.get(where))
    again = relay.post(body, headers=headers.get(where))
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.body == first.body
    body["data"]["content"] = "y"
    assert_problem(relay.post(body, headers=headers.get(where)), 422)


@pytest.mark.req("O3")
def test_the_callers_correlation_id_goes_into_the_events(relay: RelayClient) -> None:
    answer = relay.command("create_session", "s", {}, headers={"X-Correlation-Id": "trace-1"})
    assert answer.headers["X-Correlation-Id"] == "trace-1"
    rows = relay.driver.sql("SELECT correlation_id FROM events WHERE project_id = %(project_id)s")
    assert [row["correlation_id"] for row in rows] == ["trace-1"]


@pytest.mark.req("W3")
def test_an_insight_becomes_a_memory_in_its_conversation_once(relay: RelayClient) -> None:
    first = relay.post(INSIGHT)
    again = relay.post(INSIGHT)
    assert first.status == again.status == 200
    assert first.body == again.body
    assert again.headers["Idempotent-Replay"] == "true"
    memories = relay.driver.send("list_memories", "conv_abc123").data["memories"]
    assert [(m["type"], m["tags"]) for m in memories] == [("action_item", ["phone"])]
    assert memories[0]["content"]["text"] == "Call Ben about the lease"
    assert memories[0]["content"]["timestamp"] == "2025-11-15T10:30:00.000Z"
    assert memories[0]["content"]["suggested_followup"] == "Tomorrow"
    summary = relay.driver.send("get_session_summary", "conv_abc123").data
    assert (summary["participants"], summary["context"]) == (["ana"], "on a walk")


@pytest.mark.req("W3")
def test_an_insight_of_another_kind_is_a_note_with_a_tag(relay: RelayClient) -> None:
    insight = {**INSIGHT["insight"], "type": "pattern"}
    assert relay.post({**INSIGHT, "insight": insight}).status == 200
    memories = relay.driver.send("list_memories", "conv_abc123").data["memories"]
    assert [(m["type"], m["tags"]) for m in memories] == [("note", ["phone", "pattern"])]


@pytest.mark.req("W3")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"conversation": {"id": "a b"}}, "/conversation/id"),
        ({"conversation": {}}, "/conversation/id"),
        ({"insight": {"type": "idea"}}, "/insight/content"),
        ({"insight": "x"}, "/insight"),
        ({"nope": 1}, "/nope"),
        ({"timestamp": "soon"}, "/timestamp"),
        ({"metadata": {"a": "\ud800"}}, "/metadata/a"),
    ],
)
def test_an_insight_that_breaks_a_rule_is_422(
    relay: RelayClient, change: dict[str, Any], pointer: str
) -> None:
    answer = relay.post({**INSIGHT, **change})
    assert_problem(answer, 422)
    assert answer.body["errors"][0]["pointer"] == pointer
    assert_nothing_stored(relay)


@pytest.mark.req("W3")
def test_a_task_command_becomes_a_task_for_a_worker(relay: RelayClient) -> None:
    answer = relay.post(GIT)
    assert answer.status == 202
    assert answer.body == {
        "status": "pending",
        "task_id": "git_status_001",
        "say": "It starts as soon as a worker is connected.",
    }
    task = relay.driver.send("get_task", "task_commands", {"task_id": "git_status_001"}).data
    assert (task["agent_name"], task["task_type"], task["timeout_s"]) == ("local", "git", 30)
    assert task["input"] == {"action_type": "git", "params": GIT["data"]["params"]}
    assert relay.post(GIT).body["task_id"] == "git_status_001"
    assert relay.driver.count("tasks") == 1


@pytest.mark.req("W3")
def test_a_task_command_may_name_its_session(relay: RelayClient) -> None:
    relay.command("create_session", "mine", {})
    assert relay.post({**GIT, "session_id": "mine"}).status == 202
    assert_problem(relay.post({**GIT, "session_id": "nowhere"}), 404)


@pytest.mark.req("W3")
def test_a_sync_task_command_answers_the_result(relay: RelayClient) -> None:
    driver = relay.driver
    # As if its worker were connected: nobody waits for one that is not.
    driver.sql(
        "UPDATE agents SET status = 'available'"
        " WHERE project_id = %(project_id)s AND agent_name = 'local'"
    )
    output = {"success": True, "stdout": "clean", "stderr": "", "returncode": 0}

    def worker() -> None:
        database = open_database(driver.dsn)
        connection = database.connection
        connection.execute("LISTEN aiwebhook")
        while True:
            ended = connection.execute(
                "WITH task AS (UPDATE tasks SET status = 'completed', ready = false"
                " WHERE project_id = %(project)s AND task_id = 'git_status_001'"
                " RETURNING project_id, task_id)"
                " INSERT INTO task_results (project_id, task_id, lease_epoch, output)"
                " SELECT project_id, task_id, 1, %(output)s FROM task RETURNING task_id",
                {"project": driver.project_id, "output": Jsonb(output)},
            ).fetchone()
            if ended is not None:
                break
            for _ in connection.notifies(timeout=1, stop_after=1):
                pass
        connection.execute("NOTIFY aiwebhook")
        database.close()

    thread = threading.Thread(target=worker)
    thread.start()
    answer = relay.post({**GIT, "sync": True})
    thread.join()
    assert answer.status == 200
    assert answer.body["status"] == "completed"
    assert answer.body["output"] == output
    assert answer.body["execution_time_ms"] >= 0


@pytest.mark.req("W3")
@pytest.mark.parametrize(
    ("action", "pointer"),
    [
        ({"action_type": "git", "params": {"command": ["rm", "-rf", "/"]}}, "/data"),
        ({"action_type": "git", "params": {"command": "git status"}}, "/data"),
        ({"action_type": "git", "params": {}}, "/data"),
        ({"action_type": "shell", "params": {"prompt": "x"}}, "/data"),
        ({"action_type": "claude_code", "params": {"command": "x"}}, "/data"),
        ({"action_type": "sudo", "params": {"command": "x"}}, "/data/action_type"),
        ({"action_type": "shell", "params": {"command": "x", "nope": 1}}, "/data/params/nope"),
        (
            {"action_type": "shell", "params": {"command": "x", "timeout": "soon"}},
            "/data/params/timeout",
        ),
        ({"action_type": "shell", "params": {"command": "a\0"}}, "/data/params/command"),
        ({"params": {"command": "x"}}, "/data/action_type"),
    ],
)
def test_a_task_command_that_breaks_a_rule_is_422(
    relay: RelayClient, action: dict[str, Any], pointer: str
) -> None:
    answer = relay.post({"type": "task_command", "data": action})
    assert_problem(answer, 422)
    assert answer.body["errors"][0]["pointer"] == pointer
    assert_nothing_stored(relay)


@pytest.mark.req("W3")
@pytest.mark.parametrize(
    "action",
    [
        {"action_type": "shell", "params": {"command": "ls -l | wc"}},
        {"action_type": "shell", "params": {"command": ["ls", "-l"]}},
        {"action_type": "claude_code", "params": {"prompt": "Explain this repository."}},
    ],
)
def test_shell_lines_and_prompts_are_taken(relay: RelayClient, action: dict[str, Any]) -> None:
    answer = relay.post({"type": "task_command", "data": action})
    assert (answer.status, answer.body["status"]) == (202, "pending")


@pytest.mark.req("N5")
def test_the_envelope_names_the_reader_and_acknowledges(relay: RelayClient) -> None:
    relay.command("create_session", "s", {}, headers={"X-Reader": "walk"})
    relay.driver.finish("t1")
    listing = {"command": "list_memories", "session_id": "s"}
    header = relay.post(listing, headers={"X-Reader": "walk"}).body
    field = relay.post({**listing, "reader": "walk"}).body
    assert [body["updates"][0]["times"] for body in (header, field)] == [1, 2]
    acked = relay.post({**listing, "reader": "walk", "ack": field["cursor"]})
    assert (acked.status, acked.body["updates"]) == (200, [])
    assert_problem(relay.post({**listing, "ack": 99}), 422)
    assert_problem(relay.post({**listing, "reader": "a b"}), 422)


@pytest.mark.req("N5", "W3")
def test_insights_and_task_commands_tell_news_and_take_acknowledgements(
    relay: RelayClient,
) -> None:
    relay.post(INSIGHT)
    relay.command("create_session", "task_commands", {})
    relay.driver.finish("t1", "conv_abc123")
    relay.driver.finish("t2", "task_commands")
    told = relay.post(INSIGHT)
    assert [u["task_id"] for u in told.body["updates"]] == ["t1"]
    again = relay.post({**INSIGHT, "ack": told.body["cursor"], "reader": None})
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.body["updates"] == []
    git = relay.post(GIT)
    assert [u["task_id"] for u in git.body["updates"]] == ["t2"]
    assert f'"ack": {git.body["cursor"]}' in git.body["next"]
    acked = relay.post({**GIT, "session_id": "task_commands", "ack": git.body["cursor"]})
    assert "updates" not in acked.body
