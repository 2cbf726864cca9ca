"""The conversation processor: what it finds, and where."""

import pytest

from aiwebhook_agents import conversation_processor
from examples.conversation_file import read_conversation
from tests.runner.built_in import (
    MEETING,
    any_chunk,
    as_stored,
    found,
    meeting_chunks,
    messages,
    said,
)

pytestmark = pytest.mark.req("T5")


@pytest.mark.parametrize(
    "text",
    [
        "Ana: Let's go with Postgres.",
        "Ana: We decided not to support Internet Explorer.",
        "Ana: Should we use Postgres?\nBen: Yes, let's do that.",
        "Ana: I'd suggest we use Postgres.\nBen: Agreed.",
        "Decision: Postgres is the only database.",
        "Ana: Excel or CSV?\nBen: Excel, please.",
        "Ana: We're dropping the free tier from January on.",
    ],
)
def test_a_decision_is_found_however_it_is_said(text: str) -> None:
    assert len(found(text, "decision")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Ana: Should we use Postgres?\nBen: No, I don't think so.",
        "Ana: It isn't decided yet whether we use Postgres.",
        "Ana: Maybe we could use Postgres.\nBen: Hm, let me think.",
        "Ana: Let's talk about the database.",
        "Ana: If we decided to use Postgres, we would need a backup.",
    ],
)
def test_an_open_question_is_not_a_decision(text: str) -> None:
    assert found(text, "decision") == []


@pytest.mark.parametrize(
    ("text", "owner", "due"),
    [
        ("Ana: I'll send the draft by Friday.", "Ana", "2026-11-20"),
        ("Ana: Ben, can you check the numbers until Tuesday?\nBen: Sure.", "Ben", "2026-11-24"),
        ("Ana: Could you write the summary?\nBen: Will do, tomorrow.", "Ben", "2026-11-19"),
        ("Ana: Ben will prepare the slides.\nBen: Right.", "Ben", None),
        ("Action item: Ben to book the room on 2026-12-01.", None, "2026-12-01"),
        ("Ana: Who takes the minutes of this?\nBen: I'll do it.", "Ben", None),
    ],
)
def test_an_action_item_knows_its_owner_and_its_day(
    text: str, owner: str | None, due: str | None
) -> None:
    [item] = found(text, "action_item")
    assert (item["content"].get("owner"), item["content"].get("due")) == (owner, due)


@pytest.mark.parametrize(
    "text",
    [
        "Ana: Can you check the numbers?\nBen: No, I can't, sorry.",
        "Ana: I'll be right back.",
        "Ana: I'm not taking that cactus home, I'll tell you that.",
        "Ana: Can everybody hear me?\nBen: Yes.",
        "Ana: I finished the draft yesterday.",
    ],
)
def test_what_nobody_has_to_do_is_not_an_action_item(text: str) -> None:
    assert found(text, "action_item") == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("question", "Ana: We don't know yet whether rail is included."),
        ("question", "Ana: Is rail included in the factor?\nBen: Good question, I don't know."),
        ("risk", "Ana: My worry is that the disk might fill up over the weekend."),
        ("idea", "Ana: What if people could just take a photo of the invoice?"),
        ("fact", "Ana: The importer handles 300 files per hour."),
    ],
)
def test_other_kinds_are_found_too(kind: str, text: str) -> None:
    assert len(found(text, kind)) == 1


def test_a_memory_names_the_place_it_came_from_to_the_character() -> None:
    content = "Ana: Hello.\n\nBen (10:30): Let's use Postgres. Nice."
    [memory] = found(content, "decision", chunk_id="c7")
    source = memory["source"]
    assert source["quote"] == "Let's use Postgres."
    assert content[source["start"] : source["end"]] == source["quote"]
    assert (source["chunk_id"], source["speaker"]) == ("c7", "Ben")
    assert source["reason"]


def test_what_is_said_twice_is_remembered_once_with_both_places() -> None:
    chunks = [
        any_chunk("Ana: Let's use Postgres for the events."),
        any_chunk("Ben: So let's use Postgres for events.", chunk_id="c2"),
    ]
    [memory] = said(conversation_processor.process, "memory", chunks=chunks)
    assert [memory["source"]["chunk_id"], memory["source"]["also"][0]["chunk_id"]] == ["c1", "c2"]


def test_reading_a_session_again_changes_nothing() -> None:
    chunks = meeting_chunks()
    first = said(conversation_processor.process, "memory", chunks=chunks)
    assert len(first) > 40
    again = messages(conversation_processor.process, chunks=chunks, memories=as_stored(first))
    assert [m for m in again if m["type"] == "memory"] == []
    assert again[-1]["output"]["already_known"] == len(first)


def test_the_demo_meeting_is_cut_into_chunks_that_lose_no_turn() -> None:
    conversation = read_conversation(MEETING)
    turns = sum(line.startswith("[") for line in MEETING.read_text().splitlines())
    assert sum(chunk.content.count("\n[") + 1 for chunk in conversation.chunks) == turns
    assert len(" ".join(chunk.content for chunk in conversation.chunks).split()) > 3_000
    assert [chunk.chunk_id for chunk in conversation.chunks][:2] == ["meeting-01", "meeting-02"]
