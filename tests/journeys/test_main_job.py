"""The main job: what was said becomes memories, a brief and a signed callback."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from examples.conversation_file import Chunk, read_conversation
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant

MEETING = read_conversation(Path(__file__).parents[2] / "examples/meeting.txt")


def post_meeting(project: Tenant) -> tuple[str, dict[str, Chunk]]:
    """A session with the meeting in it; its chunks by id."""
    session_id = project.session(title=MEETING.title, participants=MEETING.participants)
    for chunk in MEETING.chunks:
        project.client.command("append_conversation", session_id, asdict(chunk))
    return session_id, {chunk.chunk_id: chunk for chunk in MEETING.chunks}


def test_a_meeting_becomes_memories_a_cited_brief_and_signed_callbacks(
    project: Tenant, receiver: Receiver
) -> None:
    endpoint = project.client.post("/v1/endpoints", {"url": receiver.url()})
    session_id, chunks = post_meeting(project)

    reading = project.delegate(session_id, "conversation_processor")
    read = project.ended(reading)
    import json; print(json.dumps(read)[:3000])
    memories = project.client.command("list_memories", session_id, {"limit": 100})["data"]["memories"]
    print(json.dumps(memories[:2]))
    task = project.delegate(session_id, "researcher", description="Where do the numbers come from?")
    done = project.ended(task)
    print(json.dumps(done)[:5000])
    arts = project.client.artifacts(session_id)
    print(arts)
    print(project.client.artifact(arts["artifacts"][0]["artifact_id"]))
    cb = receiver.of_task(task, "task.completed")
    print(cb)
    cb.verify(endpoint["secret"])
    assert 0
