"""The main job: what was said becomes memories, a brief and a signed callback."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from aiwebhook.client import Json
from aiwebhook_local.stack import StackInfo
from examples.conversation_file import Chunk, read_conversation
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant, tick
from tests.support.waiting import eventually

MEETING = read_conversation(Path(__file__).parents[2] / "examples/meeting.txt")
CITATION = re.compile(r"\[(c\d+)\]")


def post_meeting(project: Tenant) -> tuple[str, dict[str, Chunk]]:
    """A session with the meeting in it; its chunks by id."""
    session_id = project.session(title=MEETING.title, participants=MEETING.participants)
    for chunk in MEETING.chunks:
        project.client.command("append_conversation", session_id, asdict(chunk))
    return session_id, {chunk.chunk_id: chunk for chunk in MEETING.chunks}


def memories_of(project: Tenant, session_id: str) -> list[Json]:
    """All current memories."""
    reply = project.client.command("list_memories", session_id, {"limit": 100})
    return reply["data"]["memories"]


def is_quoted(source: Json, chunks: Mapping[str, Chunk]) -> bool:
    """Whether the chunk says, at the place it names, what the memory quotes."""
    said = chunks[source["chunk_id"]].content[source["start"] : source["end"]]
    words = re.findall(r"\w+", source["quote"])
    return bool(words) and words[-1] in said


@pytest.mark.req("W2", "S2", "S3", "S4", "T1", "T2", "T3", "T4", "N1")
def test_a_meeting_becomes_memories_a_cited_brief_and_signed_callbacks(
    stack: StackInfo, project: Tenant, receiver: Receiver
) -> None:
    endpoint = project.client.post("/v1/endpoints", {"url": receiver.url()})
    session_id, chunks = post_meeting(project)

    reading = project.delegate(session_id, "conversation_processor")
    read = project.ended(reading)
    assert read["status"] == "completed", read
    memories = memories_of(project, session_id)
    assert {"decision", "action_item", "question", "risk"} <= {m["type"] for m in memories}
    assert all(is_quoted(memory["source"], chunks) for memory in memories)
    assert {memory["source"]["task_id"] for memory in memories} == {reading}

    question = "Which risks and decisions did the meeting have?"
    research = project.delegate(session_id, "researcher", description=question)
    assert project.ended(research)["status"] == "completed"
    [listed] = project.client.artifacts(session_id, task_id=research)["artifacts"]
    brief = project.client.artifact(listed["artifact_id"])["content"]
    body, sources = brief.split("## Sources")
    assert question in body
    assert set(CITATION.findall(body)) <= set(CITATION.findall(sources))
    assert all(chunk_id in chunks for chunk_id in re.findall(r"\] (\S+) ·", sources))
    assert any(memory["content"]["text"] in body for memory in memories)

    for task_id in (reading, research):
        callback = receiver.of_task(task_id, "task.completed")
        callback.verify(endpoint["secret"])
        assert callback.document["data"]["session_id"] == session_id
    receiver.wait_for(lambda c: c.type == "artifact.created")[0].verify(endpoint["secret"])

    def all_stored() -> bool:
        # What a run with very many results left unpushed is the sweep's.
        tick(stack)
        stored = {c.webhook_id for c in receiver.callbacks if c.type == "memory.stored"}
        return len(stored) == len(memories)

    eventually(all_stored)


@pytest.mark.req("T5", "S3")
def test_memory_keeper_lets_the_later_decision_stand_for_all_it_replaced(
    project: Tenant,
) -> None:
    session_id = project.session()
    said = {
        "twice": "We will use TimescaleDB for the emissions table.",
        "again": "We will use TimescaleDB for the emissions table!",
        "later": "Let's use plain Postgres instead of TimescaleDB for the emissions table.",
    }
    for key, text in said.items():
        memory = {"key": key, "type": "decision", "content": text}
        project.client.command("store_memory", session_id, memory)

    task = project.ended(project.delegate(session_id, "memory_keeper"))

    assert task["status"] == "completed", task
    # The later decision overtakes both wordings of the earlier one: nothing is left to merge.
    assert (task["output"]["merged"], task["output"]["superseded"]) == (0, 2), task
    assert task["say"]
    reply = project.client.command("query_memories", session_id, {"type": "decision"})
    assert [memory["key"] for memory in reply["data"]["memories"]] == ["later"]
