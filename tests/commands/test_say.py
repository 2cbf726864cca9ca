"""Every `say` of every outcome of every command, of every end of a task and of every built-in agent
stands in tests/golden/say.txt, to be read through as a listener hears it.

To write the file anew: `.venv/bin/python -m tests.commands.test_say --golden`.
"""

# reason: all that is said stands in one list, in the order of the golden file

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.commands.run_task_command import run_task_command
from aiwebhook.domain.failure import ErrorClass
from aiwebhook.domain.say_ending import agent_display_name, say_of_end
from aiwebhook.domain.say_phrases import duration
from aiwebhook.domain.say_text import sentences
from aiwebhook_agents import conversation_processor, memory_keeper, researcher
from tests.runner.built_in import any_chunk, any_memory, meeting_chunks, said
from tests.support.commands import CommandDriver

GOLDEN = Path(__file__).parents[1] / "golden" / "say.txt"
UNSPEAKABLE = re.compile(
    r"[_*`#{}\[\]<>|/\\@~^=]|https?:|[\x00-\x1f\x7f-\x9f]"
    r"|\b(?:task|sess|mem|art|chunk|evt|req|att)-?\w*\d{3,}|[0-9a-f]{8}"
)
SESSION = "carbon_planning"
LONGEST = 300


class Scene:
    """Runs commands and keeps what is said, each under the outcome that it is of."""

    def __init__(self, driver: CommandDriver) -> None:
        self.driver = driver
        self.lines: list[tuple[str, str]] = []
        self.commands: set[str] = set()

    def tell(self, outcome: str, say: str) -> None:
        self.lines.append((outcome, say))

    def run(
        self,
        outcome: str,
        command: str,
        data: dict[str, Any] | None = None,
        *,
        sid: str | None = None,
    ) -> None:
        """Run a command in the session ("" for none) and keep what it says."""
        reply = self.driver.send(command, (SESSION if sid is None else sid) or None, data or {})
        self.commands.add(reply.command)
        self.tell(f"{command}: {outcome}", reply.say)

    def phrase(self, outcome: str, command: str, data: dict[str, Any]) -> None:
        """What a command says of an outcome that needs others, or time."""
        spec = find_command(command)
        assert spec is not None
        self.tell(f"{command}: {outcome}", spec.code.phrase(None, data).say)

    def end(self, task_id: str, status: str, say: str | None = None) -> None:
        """A task ends, as its row shows."""
        self.driver.sql(
            "UPDATE tasks SET status = %(status)s, ready = false, lease_until = NULL"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
            task_id=task_id,
            status=status,
        )
        self.driver.sql(
            "INSERT INTO task_results (project_id, task_id, lease_epoch, say, output)"
            " VALUES (%(project_id)s, %(task_id)s, 1, %(say)s, %(output)s)",
            task_id=task_id,
            say=say,
            output=Jsonb({}),
        )


def everything_said(driver: CommandDriver) -> list[tuple[str, str]]:
    """In the order of a day's work."""
    scene = Scene(driver)
    _sessions(scene)
    _memories(scene)
    _artifacts(scene)
    _tasks(scene)
    _queues(scene)
    _batches(scene)
    _news(scene)
    _goodbye(scene)
    assert scene.commands == set(CATALOGUE), set(CATALOGUE) - scene.commands
    _ends(scene)
    _agents(scene)
    return scene.lines


def _sessions(scene: Scene) -> None:
    scene.run("none", "list_sessions", sid="")
    scene.run("with a title", "create_session", {"title": "Carbon tracking"})
    scene.run("one", "list_sessions", sid="")
    scene.run("without a title", "create_session", sid="dog_walk")
    scene.run("two", "list_sessions", sid="")
    scene.run(
        "third",
        "create_session",
        {"title": "A _very_ **long** title " + "of words " * 20},
        sid="x1",
    )
    scene.run("three", "list_sessions", sid="")
    scene.run("more than fit", "list_sessions", {"limit": 2}, sid="")
    scene.run("empty", "get_session_summary")
    scene.run("done", "pause_session")
    scene.run("done", "resume_session")
    scene.run("nothing yet", "get_conversation")
    scene.run("nothing yet", "catch_up")
    scene.run("done", "append_conversation", {"content": "Ana: We use Postgres."})
    scene.run("one piece", "get_conversation")
    scene.driver.send("append_conversation", SESSION, {"content": "Ben: Agreed."})
    scene.run("two pieces", "get_conversation", {"order": "oldest"})
    scene.run("more than fit", "get_conversation", {"limit": 1})
    scene.run("all commands", "help", sid="")
    scene.run("one command", "help", {"command": "delegate_task"}, sid="")


def _memories(scene: Scene) -> None:
    scene.run("none", "list_memories")
    kinds = "idea decision question action_item fact note context preference risk".split()
    for kind in kinds:
        content = f"The {kind.replace('_', ' ')} about Postgres"
        scene.run(f"new {kind}", "store_memory", {"type": kind, "content": content, "key": kind})
    scene.run(
        "new version",
        "store_memory",
        {"type": "decision", "content": "We use Postgres.", "key": "decision"},
    )
    scene.run("text", "retrieve_memory", {"key": "decision"})
    spec = {
        "type": "action_item",
        "content": {"owner": "Ana", "text": "Call the *bank* tomorrow."},
        "key": "call",
    }
    scene.run("object", "store_memory", spec)
    scene.run("object", "retrieve_memory", {"key": "call"})
    scene.run("nothing to speak", "store_memory", {"type": "note", "content": {"n": 1}, "key": "n"})
    scene.run("nothing to speak", "retrieve_memory", {"key": "n"})
    scene.run("one", "query_memories", {"type": "risk"})
    scene.run("two", "query_memories", {"type": "action_item"})
    scene.run("many", "list_memories", {"limit": 50})
    scene.run("more than fit", "list_memories", {"limit": 3})
    scene.run("none", "query_memories", {"text": "nowhere"})
    scene.run("done", "forget_memory", {"key": "n"})


def _artifacts(scene: Scene) -> None:
    scene.run("none", "list_artifacts")
    add = {"name": "market report", "type": "report", "content": "x", "artifact_id": "a1"}
    scene.run("done", "add_artifact", add)
    scene.run("done", "get_artifact", {"artifact_id": "a1"})
    scene.run("one", "list_artifacts")
    scene.run("file name", "add_artifact", {**add, "name": "carbon_plan.md", "artifact_id": "a2"})
    scene.run("two", "list_artifacts")
    scene.run("more than fit", "list_artifacts", {"limit": 1})


def _tasks(scene: Scene) -> None:
    scene.run("none", "list_tasks")
    fix = {"agent_name": "claude_code", "description": "Fix the login. It fails.", "task_id": "t1"}
    scene.run("next", "delegate_task", fix)
    scene.run("pending", "get_task", {"task_id": "t1"})
    scene.run("one", "list_tasks")
    scene.run("done", "reply_to_task", {"task_id": "t1", "message": "And the logout."})
    local = {
        "agent_name": "local",
        "input_data": {"action_type": "git", "params": {"command": ["git"]}},
    }
    scene.run("no worker is connected", "delegate_task", {**local, "task_id": "t2"})
    scene.run("no worker is connected", "get_task", {"task_id": "t2"})
    research = {"agent_name": "researcher", "description": "Look into copper"}
    scene.run(
        "after one task", "delegate_task", {**research, "task_id": "t3", "depends_on": ["t1"]}
    )
    scene.run(
        "after two tasks",
        "delegate_task",
        {**research, "task_id": "t4", "depends_on": ["t1", "t2"]},
    )
    later = {"not_before": "2999-06-30T10:00:00Z", "task_id": "t5"}
    scene.run("not before its time", "delegate_task", {**research, **later})
    scene.run("not before its time", "get_task", {"task_id": "t5"})
    scene.run("many", "list_tasks")
    scene.run("more than fit", "list_tasks", {"limit": 2})
    scene.run("one is waiting", "get_session_summary")
    scene.run("with a decision and tasks", "catch_up")
    scene.run("waiting", "cancel_task", {"task_id": "t5"})
    scene.run("cancelled", "get_task", {"task_id": "t5"})
    scene.run("again", "retry_task", {"task_id": "t5"})
    command = {"type": "task_command", "sync": True, "data": local["input_data"]}
    request = scene.driver.request("", None, command)
    answer = run_task_command(scene.driver.services, request)
    scene.tell("task_command: no worker is connected", answer.body["say"])
    _agents_there(scene)
    _ended_tasks(scene, research)


def _agents_there(scene: Scene) -> None:
    scene.run("one without a worker", "list_agents")
    scene.run("one", "list_agents", {"agent_name": "researcher"})
    scene.run("one that cannot work", "list_agents", {"agent_name": "local"})
    with _disabled(scene, "claude_code", "A secret that Claude Code needs is missing."):
        scene.run("two cannot work", "list_agents")
        scene.run("its reason", "list_agents", {"agent_name": "claude_code"})
    scene.phrase("none", "list_agents", {"agents": [], "count": 0})


def _ended_tasks(scene: Scene, research: dict[str, Any]) -> None:
    scene.end("t3", "completed", "I found **three** sources. They agree. All of them.")
    scene.run("completed", "get_task", {"task_id": "t3"})
    scene.end("t4", "completed")
    scene.run("completed without words", "get_task", {"task_id": "t4"})
    with _disabled(scene, "researcher", "A secret that the researcher needs is missing."):
        scene.run("the agent cannot start", "delegate_task", {**research, "task_id": "t6"})
        scene.run("the agent cannot start", "get_task", {"task_id": "t6"})
        scene.driver.send("cancel_task", None, {"task_id": "t6"})
        scene.run("the agent cannot start", "retry_task", {"task_id": "t6"})
    code = {"agent_name": "claude_code", "description": "Write the logout"}
    scene.driver.send("delegate_task", SESSION, {**code, "task_id": "t7"})
    scene.driver.send("reply_to_task", None, {"task_id": "t7", "message": "With a test."})
    scene.driver.send("cancel_task", None, {"task_id": "t7"})
    scene.run("cancelled with a message unread", "get_task", {"task_id": "t7"})


@contextmanager
def _disabled(scene: Scene, agent: str, reason: str) -> Generator[None]:
    update = (
        "UPDATE agents SET status = %(status)s, status_reason = %(reason)s"
        " WHERE project_id = %(project_id)s AND agent_name = %(agent)s"
    )
    scene.driver.sql(update, agent=agent, status="error", reason=reason)
    yield
    scene.driver.sql(update, agent=agent, status="available", reason=None)


def _queues(scene: Scene) -> None:
    """Places that a test could only reach by many runs, and states that pass by themselves."""
    task = {"task_id": "t", "agent_name": "claude_code", "agent_title": "Claude Code"}
    places = [(1, 0), (1, 90), (2, 240), (3, None), (13, 7200), (40, 200_000)]
    for position, estimate in places:
        queue = {"reason": "at_cap", "position": position, "estimate_s": estimate}
        data = {**task, "status": "pending", "queue": queue}
        scene.phrase(f"place {position}, starts in {estimate} s", "delegate_task", data)
    retry = {"reason": "retry", "until": "2026-06-30T10:00:00Z"}
    scene.phrase("tried again", "get_task", {**task, "status": "pending", "queue": retry})
    scene.phrase("tried again", "retry_task", {**task, "status": "pending", "queue": retry})
    scene.phrase(
        "done while waiting",
        "delegate_task",
        {**task, "status": "completed", "say": "It is fixed."},
    )
    for status in ("claimed", "running", "input_required"):
        scene.phrase(status, "get_task", {**task, "status": status})
    scene.phrase("running", "cancel_task", {**task, "status": "running", "cancel_requested": True})
    running = {
        "conversation_chunks": 1,
        "memories": 2,
        "tasks": 3,
        "artifacts": 0,
        "active_tasks": 2,
    }
    scene.phrase("two at work", "get_session_summary", {"status": "active", "stats": running})
    for seconds in (1, 30, 60, 100, 3600, 9000, 86_400, 400_000):
        scene.tell(f"duration: {seconds} s", duration(seconds).capitalize() + ".")


def _batches(scene: Scene) -> None:
    good, bad = {"command": "list_tasks"}, {"command": "nope"}
    for outcome, commands in {
        "one": [good],
        "two": [good] * 2,
        "three": [good] * 3,
        "one of two": [good, bad],
        "one of three": [good, bad, bad],
        "none of one": [bad],
        "none of two": [bad] * 2,
        "none of three": [bad] * 3,
    }.items():
        scene.run(outcome, "batch", {"commands": commands})


def _news(scene: Scene) -> None:
    driver = scene.driver
    scene.run("nothing new", "get_updates")
    driver.finish("fix", SESSION)
    driver.finish("test", SESSION)
    driver.sql(
        "UPDATE events SET data = %(data)s WHERE project_id = %(project_id)s AND task_id = 'fix'",
        data=Jsonb({"say": "The login works again. All tests pass."}),
    )
    scene.run("two", "get_updates")
    ids = [update["id"] for update in driver.send("get_updates", SESSION).data["updates"]]
    scene.run("two, of every session", "get_updates", sid="")
    scene.run("one", "ack_updates", {"ids": ids[1:]})
    scene.run("one", "get_updates")
    scene.run("one, of every session", "get_updates", sid="")
    scene.run("none left", "ack_updates", {"ids": ids[1:]})


def _goodbye(scene: Scene) -> None:
    scene.run("done", "complete_session")
    scene.run("done", "delete_session")


def _ends(scene: Scene) -> None:
    for error_class in ErrorClass:
        error = {"error_class": error_class.value}
        said = say_of_end("failed", agent="Claude Code", error=error)
        scene.tell(f"task failed: {error_class.value}", said)
    researcher_words = agent_display_name("researcher", "the researcher")
    for status in ("completed", "cancelled", "failed"):
        scene.tell(f"task {status}: nothing is known", say_of_end(status, agent=researcher_words))


def _agents(scene: Scene) -> None:
    def agent(outcome: str, module: Any, function: Any, **task: Any) -> None:
        [result] = said(function, "result", **task)
        name = module.__name__.rpartition(".")[2]
        scene.tell(
            f"{name}: {outcome}", say_of_end("completed", agent="the agent", said=result["say"])
        )

    read = conversation_processor.process
    agent("a meeting", conversation_processor, read, chunks=meeting_chunks())
    one = any_chunk("Ana: We decided to use Postgres.")
    agent("one decision", conversation_processor, read, chunks=[one])
    agent("nothing said", conversation_processor, read, chunks=[])
    agent("nothing in it", conversation_processor, read, chunks=[any_chunk("Ana: Hello there.")])
    tidy = memory_keeper.keep
    twice = [any_memory("We use Postgres.", key="a"), any_memory("We use Postgres!", key="b")]
    agent("one duplicate", memory_keeper, tidy, memories=twice)
    agent("only a report", memory_keeper, tidy, memories=twice, input={"dry_run": True})
    agent("nothing to do", memory_keeper, tidy, memories=twice[:1])
    agent("no memories", memory_keeper, tidy)
    replaced = [
        any_memory("We use Postgres.", key="a", tags=["database"]),
        any_memory("We no longer use Postgres, we use SQLite instead.", key="b", tags=["database"]),
    ]
    agent("two that may differ", memory_keeper, tidy, memories=replaced)
    ask = researcher.research
    question = {"input": {"question": "What did we decide?"}}
    agent("an answer", researcher, ask, chunks=[one], **question)
    agent("nothing there", researcher, ask, **question)
    other = {"input": {"question": "Which cloud do we use?"}}
    agent("no answer", researcher, ask, chunks=[any_chunk("Ana: Hello.")], **other)
    agent("something else", researcher, ask, chunks=[one], **other)


def golden_text(lines: list[tuple[str, str]]) -> str:
    """One line each: the outcome, then what is heard."""
    return "".join(f"{outcome}\n    {say}\n" for outcome, say in lines)


@pytest.mark.req("N5")
def test_what_is_said_is_what_was_read_through(driver: CommandDriver) -> None:
    lines = everything_said(driver)
    for outcome, say in lines:
        assert say.strip() == say != "", outcome
        assert sentences(say) <= 2, (outcome, say)
        assert say.endswith((".", "?", "…")), (outcome, say)
        assert say[0].isupper(), (outcome, say)
        assert len(say) <= LONGEST, (outcome, say)
        assert not UNSPEAKABLE.search(say), (outcome, say)
    text = golden_text(lines)
    if "--golden" in sys.argv:
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8"), f"if it is meant: {__doc__}"


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q"]))
