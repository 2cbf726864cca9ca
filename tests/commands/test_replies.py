"""What every reply has: words fit to be spoken, and all its fields; and the catalogue itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from aiwebhook.commands.base import Reply
from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.domain.failure import RULES, ErrorClass
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.say_phrases import count_in_words, duration, ended
from aiwebhook.errors import Forbidden, Invalid
from tests.support.commands import CommandDriver

COMMANDS = {
    "create_session",
    "resume_session",
    "pause_session",
    "complete_session",
    "delete_session",
    "get_session_summary",
    "catch_up",
    "list_sessions",
    "append_conversation",
    "get_conversation",
    "list_agents",
    "help",
    "store_memory",
    "retrieve_memory",
    "forget_memory",
    "query_memories",
    "list_memories",
    "delegate_task",
    "get_task",
    "cancel_task",
    "retry_task",
    "reply_to_task",
    "list_tasks",
    "add_artifact",
    "get_artifact",
    "list_artifacts",
    "get_updates",
    "ack_updates",
    "batch",
}
SCRIPT: list[tuple[str, str | None, dict[str, Any]]] = [
    ("create_session", "my_session_1", {"title": "A *title*"}),
    ("append_conversation", "my_session_1", {"content": "x", "chunk_id": "my_chunk_1"}),
    ("store_memory", "my_session_1", {"type": "action_item", "content": "x", "key": "my_key_1"}),
    ("store_memory", "my_session_1", {"type": "idea", "content": "y", "key": "my_key_1"}),
    ("retrieve_memory", "my_session_1", {"key": "my_key_1"}),
    ("query_memories", "my_session_1", {}),
    ("list_memories", "my_session_1", {"type": "risk"}),
    (
        "delegate_task",
        "my_session_1",
        {"agent_name": "claude_code", "description": "d", "task_id": "my_task_1"},
    ),
    ("get_task", None, {"task_id": "my_task_1"}),
    ("list_tasks", "my_session_1", {}),
    ("reply_to_task", None, {"task_id": "my_task_1", "message": "m"}),
    ("get_session_summary", "my_session_1", {}),
    ("catch_up", "my_session_1", {}),
    ("get_conversation", "my_session_1", {}),
    ("list_agents", None, {}),
    ("help", None, {"command": "delegate_task"}),
    ("cancel_task", None, {"task_id": "my_task_1"}),
    ("get_task", None, {"task_id": "my_task_1"}),
    ("retry_task", None, {"task_id": "my_task_1"}),
    (
        "add_artifact",
        "my_session_1",
        {"name": "N", "type": "t", "content": "c", "artifact_id": "my_art_1"},
    ),
    ("get_artifact", None, {"artifact_id": "my_art_1"}),
    ("list_artifacts", "my_session_1", {}),
    ("list_sessions", None, {}),
    ("pause_session", "my_session_1", {}),
    ("resume_session", "my_session_1", {}),
    ("get_updates", "my_session_1", {}),
    ("get_updates", None, {}),
    ("ack_updates", "my_session_1", {"cursor": 1}),
    ("batch", "my_session_1", {"commands": [{"command": "list_tasks"}, {"command": "nope"}]}),
    ("forget_memory", "my_session_1", {"key": "my_key_1"}),
    ("complete_session", "my_session_1", {}),
    ("delete_session", "my_session_1", {}),
]


def assert_fit_to_be_spoken(say: str) -> None:
    """At most two sentences; nothing a voice would stumble over."""
    assert say
    assert say[0].isupper()
    assert say.endswith((".", "?"))
    assert len(re.findall(r"[.!?](?:\s|$)", say)) <= 2
    assert not re.search(r"[_*`#{}\[\]<>|/\\@]|https?:|\bmy\b|[0-9a-f]{8}-", say), say
    assert len(say) <= 200


@pytest.mark.req("N5")
def test_every_command_says_something_fit_to_be_spoken(driver: CommandDriver) -> None:
    seen: set[str] = set()
    for command, session_id, data in SCRIPT:
        reply = driver.send(command, session_id, data)
        assert_fit_to_be_spoken(reply.say)
        assert reply.message
        seen.add(reply.command)
    assert seen == set(CATALOGUE)


@pytest.mark.req("N5", "T6")
@pytest.mark.parametrize("error_class", ErrorClass)
def test_a_failure_is_said_with_its_cause(error_class: ErrorClass) -> None:
    task = {"agent_name": "claude_code", "agent_title": "Claude Code", "status": "failed"}
    say = ended({**task, "error": {"error_class": error_class.value}})
    assert say.startswith(RULES[error_class].cause.replace("{agent}", "Claude Code"))
    assert_fit_to_be_spoken(say)


@pytest.mark.req("S1")
def test_the_catalogue_has_every_command_of_the_wire_format() -> None:
    assert set(CATALOGUE) == COMMANDS
    alias = find_command("conversation_chunk")
    assert alias is CATALOGUE["append_conversation"]
    for name, spec in CATALOGUE.items():
        assert spec.name == name
        schema = spec.code.model.model_json_schema()
        assert schema["additionalProperties"] is False
        assert spec.summary.endswith(".")


@pytest.mark.req("S1")
def test_a_reply_is_the_success_body_of_the_wire_format(driver: CommandDriver) -> None:
    reply = driver.send("create_session", "carbon", {"title": "Carbon"})
    body = reply.as_json()
    assert list(body) == [
        "type",
        "command",
        "session_id",
        "status",
        "message",
        "say",
        "data",
        "updates",
        "updates_more",
        "elsewhere",
        "elsewhere_more",
        "cursor",
        "next",
        "request_id",
    ]
    assert body["message"] == "Session 'carbon' created"
    json.dumps(body)


@pytest.mark.req("S1")
def test_an_unknown_command_is_refused_with_the_nearest_name(driver: CommandDriver) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("store_memmory", "s", {})
    assert caught.value.code == "unknown_command"
    assert "Did you mean 'store_memory'?" in caught.value.remedy


@pytest.mark.req("S1")
@pytest.mark.parametrize("session_id", ["", "a b", "a/b", "x" * 129, "💚", "-a", "a\n", "ä"])
def test_a_malformed_session_id_is_refused(driver: CommandDriver, session_id: str) -> None:
    for command in ("create_session", "get_session_summary", "list_tasks"):
        with pytest.raises(Invalid) as caught:
            driver.send(command, session_id, {})
        assert [e.pointer for e in caught.value.errors] == ["/session_id"]


@pytest.mark.req("O7")
@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        ({Scope.READ}, True, False),
        ({Scope.COMMANDS}, True, True),
        ({Scope.ADMIN}, True, True),
        ({Scope.WORKER}, False, False),
    ],
)
def test_scopes_are_held_behind_every_door(
    driver: CommandDriver, scopes: set[Scope], *, reads: bool, writes: bool
) -> None:
    driver.session("s")
    driver.caller = Caller(
        project_id=driver.project_id, key_id=driver.caller.key_id, scopes=frozenset(scopes)
    )

    def allowed(command: str, data: dict[str, Any]) -> bool:
        try:
            reply: Reply = driver.send(command, "s", data)
        except Forbidden as error:
            return error.code != "scope_missing"
        return reply.command == command

    assert allowed("get_session_summary", {}) is reads
    assert allowed("append_conversation", {"content": "x"}) is writes


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "no memories"), (1, "one memory"), (12, "twelve memories"), (13, "13 memories")],
)
def test_numbers_are_spoken_as_words(number: int, words: str) -> None:
    assert count_in_words(number, "memory", "memories") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "a few seconds"),
        (45, "less than a minute"),
        (61, "about one minute"),
        (7_300, "about two hours"),
        (200_000, "about two days"),
    ],
)
def test_durations_are_spoken_roughly(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.req("S5")
def test_a_replay_says_that_its_session_was_deleted(driver: CommandDriver) -> None:
    driver.send("create_session", "s", {"title": "t"}, key="k1")
    driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": "a"}, key="k2")
    driver.send("delete_session", "s", key="k3")
    create = driver.send("create_session", "s", {"title": "t"}, key="k1")
    store = driver.send("store_memory", "s", {"type": "idea", "content": "x", "key": "a"}, key="k2")
    for again in (create, store):
        assert again.replayed
        assert "session 's' has been deleted since" in again.notes[0]
    assert driver.send("delete_session", "s", key="k3").notes == ()
    driver.send("create_session", "s", {"title": "t"}, key="k4")
    assert driver.send("create_session", "s", {"title": "t"}, key="k1").notes == ()
