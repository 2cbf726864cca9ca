"""The memory keeper merges only what says the same, and keeps content as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook_agents import memory_keeper
from aiwebhook_agents.memories.likeness import same_words
from tests.runner.built_in import any_memory, as_stored, messages

pytestmark = pytest.mark.req("T5")


def merged(one: Any, other: Any, **fields: Any) -> int:
    memories = [
        any_memory(content, type="fact", key=key, **fields)
        for key, content in (("a", one), ("b", other))
    ]
    return messages(memory_keeper.keep, memories=memories)[-1]["output"]["merged"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wir liefern am Montag aus.", "Wir liefern am Montag nicht aus."),
        ("Wir machen das so am Montag.", "Wir machen das am Montag."),
        ("Wir machen das so in Berlin", "Wir machen das in Berlin"),
        ("Nous livrons lundi le paquet", "Nous ne livrons pas lundi le paquet"),
        ("The server is down", "The server was down"),
        ("I write the brief", "You write the brief"),
        ("We ship the beta to the customers in Berlin", "We ship the beta to customers in Hamburg"),
        ("We use Postgres for the queue", "We stopped using Postgres for the queue"),
        ("We could ship the beta on Monday", "We must ship the beta on Monday"),
        ("We ship on 2026-11-18", "We ship on 2026-11-19"),
        ("The limit is 1.5 MB", "The limit is 15 MB"),
        ("The margin is -5 %", "The margin is 5 %"),
        ("The plan costs $5", "The plan costs €5"),
        ("We take C", "We take C++"),
        ("We move from AWS to Azure", "We move from Azure to AWS"),
        ("Is the licence fine?", "Is the licence fine"),
        ("Export as Excel files", "Export as Excel files monthly"),
        ({"text": "Write the brief", "owner": "Ana"}, {"text": "Write the brief", "owner": "Ben"}),
        ({"text": "Write the brief", "due": "Monday"}, {"text": "Write the brief", "owner": "Ben"}),
    ],
)
def test_what_may_mean_something_else_is_left_alone(one: Any, other: Any) -> None:
    assert merged(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Use Excel files", "use  Excel files."),
        ("Wir liefern am Montag aus.", "wir liefern am Montag aus"),
        ("We use the Excel files", "So, we just use Excel files"),
        ({"text": "Write the brief"}, {"text": "Write the brief.", "owner": "Ben"}),
        ("Write the brief", {"text": "Write the brief", "owner": "Ben"}),
    ],
)
def test_what_says_the_same_is_merged(one: Any, other: Any) -> None:
    assert merged(one, other) == 1


WORDS = st.sampled_from(
    "we ship the beta on monday not never 3 5 ana ben could must kein nicht wir liefern stopped "
    "from to is was all some please just".split()
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
FILLERS = {"the", "please", "just"}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(one=SENTENCES, other=SENTENCES)
def test_words_that_carry_meaning_are_never_merged_away(one: str, other: str) -> None:
    same = same_words(one, other)
    assert same == same_words(other, one)
    if same:
        bare = [[w for w in text.split() if w not in FILLERS] for text in (one, other)]
        assert bare[0] == bare[1]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=SENTENCES, extra=st.sampled_from("not never no kein nicht 7 could ana".split()), at=...)
def test_one_more_word_of_weight_makes_another_memory(text: str, extra: str, at: int) -> None:
    words = text.split()
    place = at % (len(words) + 1)
    assert not same_words(text, " ".join([*words[:place], extra, *words[place:]]))


CONTENTS = st.one_of(
    st.sampled_from(["Use Excel files", "use excel files.", "Let's use plain Postgres"]),
    st.fixed_dictionaries({"text": st.sampled_from(["Use Excel files", "Use Postgres"])}),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(contents=st.lists(CONTENTS, max_size=6))
def test_content_keeps_its_type_and_value(contents: list[Any]) -> None:
    memories = [any_memory(content, key=f"k{n}") for n, content in enumerate(contents)]
    before = {memory["key"]: memory["content"] for memory in memories}
    heard = messages(memory_keeper.keep, memories=memories)
    written = [message for message in heard if message["type"] == "memory"]
    assert all(message["content"] == before[message["key"]] for message in written)
    gone = {message["key"] for message in heard if message["type"] == "forget"}
    new = {memory["key"]: memory for memory in as_stored(written)}
    tidy = [new.get(memory["key"], memory) for memory in memories if memory["key"] not in gone]
    assert messages(memory_keeper.keep, memories=tidy)[-1]["output"]["merged"] == 0
