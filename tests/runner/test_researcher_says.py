"""What the researcher says agrees with what it found, in sessions of any length."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook_agents import researcher
from aiwebhook_agents.phrases import quoted
from tests.gold.scoring import read_gold
from tests.gold.test_gold import HELD_OUT, TUNED
from tests.runner.built_in import any_chunk, any_memory, meeting_chunks, messages

pytestmark = pytest.mark.req("T5")

NOTHING = "I found nothing about this"
LINES = st.sampled_from(
    [
        "Ana: We decided to use Postgres.",
        "Ben: We decided to use SQS for the queue.",
        "Ana: For the frontend we go with React.",
        "Ben: Which database should we take?",
        "Ana: I'll write the migration by Friday.",
        "Ben: The risk is that the licence changes.",
        "Ana: Hello.",
        "Ben: It rains again.",
        "Let's ship on Monday, then.",
        "Wir nehmen Postgres.",
        "",
    ]
)
QUESTIONS = st.sampled_from(
    ["What did we decide?", "Which database?", "Who does what?", "Any risks?", "Zebras?", "", "?"]
)
MEMORIES = st.lists(
    st.tuples(st.sampled_from(["decision", "fact", "question"]), st.sampled_from("abc")), max_size=3
)


def result_of(lines: list[str], question: str, **task: Any) -> dict[str, Any]:
    chunks = [any_chunk("\n".join(lines))] if lines else []
    return messages(researcher.research, chunks=chunks, input={"question": question}, **task)[-1]


def agrees(result: dict[str, Any]) -> None:
    say, findings = result["say"], result["output"]["findings"]
    assert "without a model" in say
    assert len(re.findall(r"[.!?](?:\s|$)", say.replace(" …", ""))) <= 3
    if findings:
        assert findings[0]["section"] == "answer"
        assert quoted(findings[0]["text"]).rstrip("?") in say
        assert NOTHING not in say
    else:
        assert say.startswith(NOTHING)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(lines=st.lists(LINES, max_size=6), question=QUESTIONS, memories=MEMORIES)
def test_what_is_said_is_the_best_finding_or_that_there_is_none(
    lines: list[str], question: str, memories: list[tuple[str, str]]
) -> None:
    stored = [
        any_memory(f"We use {name}", type=kind, key=f"{kind}-{name}") for kind, name in memories
    ]
    agrees(result_of(lines, question, memories=stored))


@pytest.mark.parametrize("name", [*TUNED, HELD_OUT])
@pytest.mark.parametrize("question", ["What did we decide?", "What is open?", "Zebras?"])
def test_it_holds_for_the_labelled_conversations(name: str, question: str) -> None:
    chunks = [any_chunk(read_gold(name).text)]
    agrees(messages(researcher.research, chunks=chunks, input={"question": question})[-1])


@pytest.mark.parametrize(
    ("lines", "question", "answer"),
    [
        (["Ana: We decided to use Postgres."], "What did we decide?", "Postgres"),
        (["Ana: We decided to use Postgres."], "Which database did we choose?", "Postgres"),
        (
            ["Ben: We decided to use SQS.", "Ana: We decided to use Postgres."],
            "Which database do we use?",
            "Postgres",
        ),
        (
            ["Ana: We decided to use Postgres.", "Ben: We decided to use SQS."],
            "Which queue did we decide on?",
            "SQS",
        ),
        (
            [
                "Ana: We need a database.",
                "Ana: We decided to use Frobnitz.",
                "Ben: It rains.",
                "Ben: Ana, how is the dog?",
                "Ben: For messages we decided to use SQS.",
            ],
            "Which database did we decide on?",
            "Frobnitz",
        ),
        (["Ana: I'll write the migration by Friday."], "Who writes the migration?", "migration"),
        (["Ana: Is the licence fine?"], "Which questions are open?", "licence"),
    ],
)
def test_the_best_finding_is_about_what_was_asked(
    lines: list[str], question: str, answer: str
) -> None:
    result = result_of(lines, question)
    assert answer in result["output"]["findings"][0]["text"]
    assert answer in result["say"]


def test_of_memories_the_one_that_names_what_was_asked_goes_first() -> None:
    memories = [
        any_memory("The database is Postgres", key="a"),
        any_memory("We take SQS for the queue", key="b"),
    ]
    result = result_of([], "Which database did we decide on?", memories=memories)
    assert result["say"].startswith("The session says: The database is Postgres.")


def test_what_the_session_does_not_name_is_said_to_be_missing() -> None:
    result = result_of(["Ana: We decided to use Postgres."], "What about zebras?")
    assert result["say"].startswith("The session does not name what you asked about")


def test_a_longer_session_is_answered_too() -> None:
    result = messages(
        researcher.research, chunks=meeting_chunks(), input={"question": "Which database?"}
    )[-1]
    assert "Postgres" in result["output"]["findings"][0]["text"]
    agrees(result)
