"""The built-in agents on text: what they find, and that no text breaks them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook_runner.agents import conversation_processor, memory_keeper, researcher
from aiwebhook_runner.agents.agent_io import Task, Voice
from aiwebhook_runner.agents.extraction.extract import extract
from aiwebhook_runner.exits import ExitCode
from examples.conversation_file import read_conversation
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi

pytestmark = pytest.mark.req("T5")

Agent = Callable[[Task, Voice], None]
MEETING = Path(__file__).parents[2] / "examples" / "meeting.txt"


def any_chunk(content: str, **changes: Any) -> dict[str, Any]:
    return {"chunk_id": "c1", "content": content, "start_time": "2026-11-18T09:00:00Z"} | changes


def any_memory(content: Any, **changes: Any) -> dict[str, Any]:
    memory: dict[str, Any] = {"type": "decision", "content": content, "tags": [], "version": 1}
    return memory | {"key": f"k-{abs(hash(str(content)))}"} | changes


def messages(agent: Agent, **task: Any) -> list[dict[str, Any]]:
    """Everything the agent says to a task."""
    stream = io.StringIO()
    for name in ("chunks", "memories"):
        task[name] = tuple(task.get(name, ()))
    agent(Task(**task), Voice(stream))
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def said(agent: Agent, message_type: str, **task: Any) -> list[dict[str, Any]]:
    return [m for m in messages(agent, **task) if m["type"] == message_type]


def found(content: str, kind: str, **chunk: Any) -> list[dict[str, Any]]:
    """The memories of one kind that the processor makes of a conversation."""
    stored = said(conversation_processor.process, "memory", chunks=[any_chunk(content, **chunk)])
    return [memory for memory in stored if memory["memory_type"] == kind]


def as_stored(memories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Memories as the session gives them back."""
    return [{**m, "type": m["memory_type"], "version": 1} for m in memories]


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
def test_what_is_not_decided_is_no_decision(text: str) -> None:
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
def test_what_nobody_has_to_do_is_no_action_item(text: str) -> None:
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
    chunks = [vars_of(chunk) for chunk in read_conversation(MEETING).chunks]
    first = said(conversation_processor.process, "memory", chunks=chunks)
    assert len(first) > 40
    again = messages(conversation_processor.process, chunks=chunks, memories=as_stored(first))
    assert [m for m in again if m["type"] == "memory"] == []
    assert again[-1]["output"]["already_known"] == len(first)


def vars_of(chunk: Any) -> dict[str, Any]:
    return {name: getattr(chunk, name) for name in chunk.__dataclass_fields__}


def test_the_demo_meeting_is_cut_into_chunks_that_lose_no_turn() -> None:
    conversation = read_conversation(MEETING)
    turns = sum(line.startswith("[") for line in MEETING.read_text().splitlines())
    assert sum(chunk.content.count("\n[") + 1 for chunk in conversation.chunks) == turns
    assert len(" ".join(chunk.content for chunk in conversation.chunks).split()) > 3_000
    assert [chunk.chunk_id for chunk in conversation.chunks][:2] == ["meeting-01", "meeting-02"]


def test_a_later_decision_supersedes_an_earlier_one_with_a_link() -> None:
    old = any_memory("Let's use TimescaleDB then.", key="old")
    new = any_memory("Let's use plain Postgres instead of TimescaleDB.", key="new")
    heard = messages(memory_keeper.keep, memories=[old, new])
    [kept] = [m for m in heard if m["type"] == "memory"]
    assert kept["key"] == "new"
    assert [link["key"] for link in kept["content"]["supersedes"]] == ["old"]
    assert [m["key"] for m in heard if m["type"] == "forget"] == ["old"]


def test_near_duplicates_become_one_that_remembers_the_others() -> None:
    short = any_memory("Export as Excel files", type="idea", key="a")
    full = any_memory(
        {"text": "Export as Excel files monthly", "owner": "Ana"}, type="idea", key="b"
    )
    [kept] = said(memory_keeper.keep, "memory", memories=[short, full])
    assert kept["key"] == "b"
    assert kept["content"]["owner"] == "Ana"
    assert kept["content"]["merged_from"][0]["text"] == "Export as Excel files"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We ship the beta with 3 customers", "We ship the beta with 5 customers"),
        ("The export contains rail freight", "The export contains no rail freight"),
        ("Ana writes the brief", "The office has a new coffee machine"),
    ],
)
def test_what_differs_in_number_negation_or_words_stays_apart(one: str, other: str) -> None:
    memories = [any_memory(one, type="fact"), any_memory(other, type="fact")]
    assert said(memory_keeper.keep, "memory", memories=memories) == []


def test_tidying_up_twice_changes_nothing_the_second_time() -> None:
    chunks = [vars_of(chunk) for chunk in read_conversation(MEETING).chunks]
    memories = as_stored(said(conversation_processor.process, "memory", chunks=chunks))
    first = messages(memory_keeper.keep, memories=memories)
    gone = {m["key"] for m in first if m["type"] == "forget"}
    new = {m["key"]: m for m in as_stored([m for m in first if m["type"] == "memory"])}
    assert gone
    tidy = [new.get(m["key"], m) for m in memories if m["key"] not in gone]
    assert said(memory_keeper.keep, "memory", memories=tidy) == []


def test_a_dry_run_only_reports() -> None:
    twice = [any_memory("Use Excel files", key="a"), any_memory("Use Excel files", key="b")]
    heard = messages(memory_keeper.keep, memories=twice, input={"dry_run": True})
    assert {m["type"] for m in heard} == {"progress", "artifact", "result"}
    assert heard[-1]["output"]["merged"] == 1


def test_a_brief_answers_from_the_session_and_cites_every_sentence() -> None:
    chunks = [vars_of(chunk) for chunk in read_conversation(MEETING).chunks]
    heard = messages(
        researcher.research, chunks=chunks, description="How do we handle missing weights?"
    )
    [brief] = [m for m in heard if m["type"] == "artifact"]
    result = heard[-1]
    text = {chunk["chunk_id"]: chunk["content"] for chunk in chunks}
    assert "estimate missing weights" in result["output"]["findings"][0]["text"]
    for finding in result["output"]["findings"]:
        if finding["section"] in ("answer", "evidence"):
            [source] = finding["sources"]
            assert text[source["chunk_id"]][source["start"] : source["end"]] == finding["text"]
    cited = {row["ref"] for row in result["output"]["sources"]}
    for line in brief["content"].splitlines():
        if line.startswith(("> ", "- ", "Ana", "Ben")):
            assert any(f"[{ref}]" in line for ref in cited), line
    assert result["say"].count(". ") <= 1


def test_a_brief_shows_replaced_decisions_as_replaced() -> None:
    chunks = [vars_of(chunk) for chunk in read_conversation(MEETING).chunks]
    findings = messages(researcher.research, chunks=chunks)[-1]["output"]["findings"]
    decisions = [f["text"] for f in findings if f["section"] == "decision"]
    [replaced] = [f for f in findings if f["section"] == "superseded"]
    assert "TimescaleDB" in replaced["text"]
    assert replaced["text"] not in decisions
    assert replaced["replaced_by"] in decisions


def test_a_brief_over_memories_alone_cites_the_memories() -> None:
    memories = [any_memory("Use Excel files", key="excel")]
    result = messages(researcher.research, memories=memories, description="export?")[-1]
    assert result["output"]["sources"] == [{"ref": "m1", "memory": "excel"}]


SPEECH = st.sampled_from(
    [
        "Ana: ",
        "Ben: ",
        "let's use ",
        "I'll send ",
        "can you ",
        "? ",
        ". ",
        "\n",
        "agreed",
        "decision: ",
        "no, ",
        "instead of ",
        "by Friday",
        "[10:00] ",
        "we changed our mind",
        "it is",
        "…",
        "’s ",
        "- ",
        "e.g. ",
        "\u2028",
        "😀",
        "�",
        " WEBVTT\n",
        "1\n00:01 --> 00:02\n",
    ]
)
ODD_TEXT = st.one_of(st.text(), st.lists(SPEECH, max_size=40).map("".join))


@settings(deadline=None, max_examples=150)
@given(st.lists(ODD_TEXT, max_size=4))
def test_no_text_breaks_the_agents_and_keys_do_not_depend_on_the_run(texts: list[str]) -> None:
    chunks = tuple(any_chunk(text, chunk_id=f"c{n}") for n, text in enumerate(texts))
    items = extract(chunks)
    assert [item.key for item in items] == [item.key for item in extract(chunks)]
    assert len({item.key for item in items}) == len(items)
    for item in items:
        for sentence in item.at:
            content = chunks[int(sentence.chunk_id[1:])]["content"]
            assert len(content[sentence.start : sentence.end]) == len(sentence.text)
    memories = as_stored(said(conversation_processor.process, "memory", chunks=chunks))
    assert messages(memory_keeper.keep, memories=memories)[-1]["type"] == "result"
    assert messages(researcher.research, chunks=chunks, memories=memories)[-1]["type"] == "result"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["chunk_id", "content", "participants", "start_time"]), ANY_JSON
        )
    ),
    st.lists(
        st.dictionaries(st.sampled_from(["key", "type", "content", "tags", "source"]), ANY_JSON)
    ),
    st.dictionaries(
        st.sampled_from(["text", "chunk_ids", "min_confidence", "question", "dry_run"]), ANY_JSON
    ),
)
def test_no_shape_of_chunks_memories_or_input_breaks_the_agents(
    chunks: list[Any], memories: list[Any], inputs: dict[str, Any]
) -> None:
    for agent in (conversation_processor.process, memory_keeper.keep, researcher.research):
        heard = messages(agent, chunks=chunks, memories=memories, input=inputs)
        assert heard[-1]["type"] == "result"


@pytest.mark.parametrize(
    "text", ["." * 1_000_000 + "x", "x" * 1_000_000, "Ana:\n" * 200_000, '."' * 500_000, "\n " * 500_000]
)  # fmt: skip
def test_a_megabyte_of_nonsense_is_read(text: str) -> None:
    """Guards against quadratic patterns: those would run for hours, and the suite's limit hits."""
    extract((any_chunk(text),))


@pytest.mark.parametrize("name", ["conversation_processor", "memory_keeper", "researcher"])
def test_a_built_in_agent_runs_under_the_supervisor(
    runner: RunnerProcess, api: FakeRunsApi, name: str
) -> None:
    from aiwebhook.agents import built_in_manifests

    chunks = [vars_of(chunk) for chunk in read_conversation(MEETING).chunks]
    memories = as_stored(said(conversation_processor.process, "memory", chunks=chunks))
    api.context_pages[0] |= {"chunks": chunks, "memories": memories}
    runner.agent("", agent=None)
    api.run_input["agent"] = built_in_manifests()[name].as_json()
    assert runner.start().exit_code() == ExitCode.RECORDED
    [body] = api.bodies("complete")
    assert set(built_in_manifests()[name].output_schema["required"]) <= set(body["output"])  # pyright: ignore[reportArgumentType] (a JSON schema)
    assert body["say"]
