"""The memory keeper and the researcher."""

import pytest

from aiwebhook_agents import conversation_processor, memory_keeper, researcher
from tests.runner.built_in import any_memory, as_stored, meeting_chunks, messages, said

pytestmark = pytest.mark.req("T5")


def test_a_later_decision_supersedes_an_earlier_one_with_a_link() -> None:
    old = any_memory("Let's use TimescaleDB then.", key="old")
    new = any_memory("Let's use plain Postgres instead of TimescaleDB.", key="new")
    heard = messages(memory_keeper.keep, memories=[old, new])
    [kept] = [m for m in heard if m["type"] == "memory"]
    assert kept["key"] == "new"
    assert kept["content"] == "Let's use plain Postgres instead of TimescaleDB."
    assert [link["key"] for link in kept["source"]["supersedes"]] == ["old"]
    assert [m["key"] for m in heard if m["type"] == "forget"] == ["old"]


def test_duplicates_become_one_that_remembers_the_others() -> None:
    short = any_memory("Export as Excel files", type="idea", key="a", tags=["mine"])
    full = any_memory(
        {"text": "Let's export as Excel files, please.", "owner": "Ana"}, type="idea", key="b"
    )
    [kept] = said(memory_keeper.keep, "memory", memories=[short, full])
    assert kept["key"] == "b"
    assert kept["content"] == full["content"]
    assert kept["tags"] == ["mine", "consolidated"]
    assert kept["source"]["merged_from"] == [{"key": "a", "text": "Export as Excel files"}]


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
    chunks = meeting_chunks()
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
    chunks = meeting_chunks()
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
    chunks = meeting_chunks()
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
