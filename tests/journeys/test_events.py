"""The event log: what a reader hears live is what it reads later, without a gap."""

from __future__ import annotations

import threading

import pytest

from aiwebhook.client import Client, Json
from tests.support.agents import QUICK
from tests.support.tenant import Tenant


def listen(client: Client, session_id: str, heard: list[Json]) -> None:
    """Follow a session until it is completed."""
    for event in client.follow_events(session_id):
        heard.append(event)
        if event["type"] == "session.completed":
            return


@pytest.mark.req("S9", "N4")
def test_the_replay_of_a_session_equals_its_live_stream_and_seq_has_no_gap(
    project: Tenant,
) -> None:
    project.play("researcher", QUICK)
    session_id = project.session()
    heard: list[Json] = []
    listener = threading.Thread(target=listen, args=(project.client, session_id, heard))
    listener.start()
    for number in range(5):
        project.client.append_conversation(session_id, f"Ana: this is remark {number}.")
    task_ids = [project.delegate(session_id, "researcher") for _ in range(3)]
    for task_id in task_ids:
        project.ended(task_id)
    project.client.change_session(session_id, "complete")
    listener.join(timeout=30)

    replay = project.events(session_id)
    assert heard == replay
    assert [event["seq"] for event in replay] == list(range(1, len(replay) + 1))
    middle = len(replay) // 2
    assert project.client.events(session_id, after_seq=middle)["items"] == replay[middle:]
    assert sum(event["type"] == "task.completed" for event in replay) == 3

    whole: list[Json] = []
    cursor: str | None = None
    while page := project.client.get("/v1/events", {"after": cursor, "limit": 7}):
        if not page["items"]:
            break
        whole += page["items"]
        cursor = page["next_cursor"]
    # The project's order is that of its transactions, and inserts nothing later: two sessions, or
    # two transactions that waited for one session, may change places; `seq` puts them right.
    mine = [event for event in whole if event["session_id"] == session_id]
    assert sorted(mine, key=lambda event: event["seq"]) == replay
