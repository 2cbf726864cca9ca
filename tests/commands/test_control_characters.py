"""Titles, names, messages and spoken words come in without control characters; content is kept."""

from __future__ import annotations

import pytest

from aiwebhook.errors import Invalid
from tests.support.commands import CommandDriver

HOSTILE = "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b31mbad\u202e"


@pytest.mark.req("S1")
def test_names_of_a_session_are_plain_and_what_was_said_is_kept(driver: CommandDriver) -> None:
    driver.send(
        "create_session",
        "s",
        {"title": f"{HOSTILE}\nx", "participants": [HOSTILE], "context": f"{HOSTILE}\nx"},
    )
    summary = driver.send("get_session_summary", "s")
    assert summary.data["title"] == "bad x"
    assert "\x1b" not in str(summary.data)
    driver.send(
        "store_memory", "s", {"key": "k", "type": "note", "content": HOSTILE, "tags": [HOSTILE]}
    )
    memory = driver.send("retrieve_memory", "s", {"key": "k"})
    assert memory.data["tags"] == ["bad"]
    assert memory.data["content"] == HOSTILE
    assert "\x1b" not in memory.say + memory.message
    found = driver.send("query_memories", "s", {"tags": [HOSTILE]})
    assert [item["key"] for item in found.data["memories"]] == ["k"], "tags are sought as kept"
    driver.send("append_conversation", "s", {"content": HOSTILE})
    driver.send("add_artifact", "s", {"name": HOSTILE, "type": HOSTILE, "content": HOSTILE})
    (artifact,) = driver.send("list_artifacts", "s").data["artifacts"]
    assert (artifact["name"], artifact["type"]) == ("bad", "bad")
    kept = driver.send("get_artifact", None, {"artifact_id": artifact["artifact_id"]})
    assert kept.data["content"] == HOSTILE


@pytest.mark.req("S1")
def test_a_title_of_nothing_but_control_characters_is_no_title(driver: CommandDriver) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("create_session", "s", {"title": "\x1b[31m\x1b[0m"})
    assert caught.value.errors[0].pointer == "/data/title"
