"""The rules of POST /v1/say against sentences that were written without sight of them.

A batch is frozen: a rule is changed, never a sentence. How much of each was read right at first
sight stands below; since then the rules were mended by all but `final_*`, so what those are read
like today says little about a new one.

| batch | by | a language | English | German |
|---|---|---|---|---|
| `en`, `de` | a stranger to the rules | 340 | 71 % | 60 % |
| `more_*` | the rules' author, in four batches | 235 | 68, 77, 74, 92 % | 62, 66, 65, 90 % |
| `unseen_*` | a stranger, in two batches | 252 | 92, 85 % | 87, 80 % |
| `dev_*` | a stranger, before there were cues | 250 | 81 % | 63 % |
| `own_*` | the cues' author, in seven batches | 800 | 72-98 % | 78-94 % |
| `final_*` | two more strangers, read once | 300 | 95.7 % | 95.0 % |

An order to cancel or to work was never read into a sentence of `final_*`; at first sight it was
into up to seven sentences of a batch of `own_*`, most of them written to provoke it.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.say_ending import agent_display_name
from session_api.say.grammar.agents import AgentNames
from session_api.say.grammar.intent import Heard, Intent, IntentKind
from session_api.say.grammar.reading import READ_CHARS, read_intent

pytestmark = pytest.mark.req("D9")
ENOUGH = 0.95
COSTLY = (IntentKind.STOP, IntentKind.DELEGATE)
"""What cancels or costs: never to be read into a sentence that means something else."""
AGENTS = AgentNames.of(
    (each.name, agent_display_name(each.name, each.title), each.aliases)
    for each in built_in_manifests().values()
)
FILES = [
    *(("en", 300), ("de", 300), ("more_en", 60), ("more_de", 60)),
    *(("unseen_en", 250), ("unseen_de", 250), ("dev_en", 250), ("dev_de", 250)),
    *(("own_en", 300), ("own_de", 300), ("final_en", 300), ("final_de", 300)),
]
"""Each with as many sentences as it has at least."""
Json = dict[str, Any]


def sentences(language: str) -> list[Json]:
    lines = (Path(__file__).parent / f"{language}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def understood(sentence: Json, language: str) -> Intent:
    heard = Heard(
        agents=AGENTS,
        pending=sentence["pending"],
        asked=sentence["asked"],
        language=language,
    )
    return read_intent(sentence["text"], heard)


def is_right(sentence: Json, intent: Intent) -> bool:
    return intent.kind == sentence["kind"] and (
        intent.kind is not IntentKind.DELEGATE or intent.agent == sentence["agent"]
    )


@pytest.mark.parametrize(("file", "least"), FILES)
def test_nearly_every_sentence_is_understood(file: str, least: int) -> None:
    asked = sentences(file)
    assert len(asked) >= least
    read_as = [(sentence, understood(sentence, file[-2:])) for sentence in asked]
    wrong = [
        f"{s['kind']:9} {i.kind:9} {i.agent or ''} {s['text']}"
        for s, i in read_as
        if not is_right(s, i)
    ]
    assert len(wrong) <= (1 - ENOUGH) * len(asked), "\n".join([f"{len(wrong)} wrong", *wrong])


@pytest.mark.parametrize(("file", "least"), FILES)
def test_nothing_is_cancelled_or_started_that_was_not_meant(file: str, least: int) -> None:
    assert least
    wrong = [
        f"{sentence['kind']} {intent.kind} {sentence['text']}"
        for sentence in sentences(file)
        if (intent := understood(sentence, file[-2:])).kind in COSTLY
        and sentence["kind"] != intent.kind
    ]
    assert wrong == []


def test_of_a_long_text_an_order_goes_on_to_the_end() -> None:
    work = "look at the importer, " * 30 + "and tell me what you find"
    intent = read_intent(f"Hey, ask Codex to {work}.", Heard(agents=AGENTS))
    assert (intent.kind, intent.agent, intent.text) == (IntentKind.DELEGATE, "codex", work)


def test_a_long_text_that_begins_like_a_question_is_a_note() -> None:
    text = "what did we decide about the garden and " + "the roses and " * 40 + "the tulips"
    intent = read_intent(text, Heard(agents=AGENTS))
    assert (intent.kind, intent.text) == (IntentKind.NOTE, text)


def test_the_words_of_both_languages_in_any_order_are_no_order_to_cancel() -> None:
    """500 texts of garbage: of characters, and of words of the corpus without any agent's name."""
    rng = random.Random(20261129)
    named = {part for name, _ in AGENTS.names for part in name.split()}
    words = sorted(
        {
            word
            for file, _ in FILES
            for sentence in sentences(file)
            if sentence["kind"] == "note"
            for word in sentence["text"].lower().split()
            if word.strip(",") not in named
        }
    )
    characters = [*map(chr, range(1, 0x250)), "\u202e", "\ud800", "👍", "\n"]
    for number in range(500):
        if number % 2:
            text = " ".join(rng.choices(words, k=rng.randint(1, 40)))
        else:
            text = "".join(rng.choices(characters, k=rng.randint(0, 400)))
        heard = Heard(agents=AGENTS, pending=bool(number % 3), language=rng.choice(("en", "de")))
        assert read_intent(text, heard).kind not in COSTLY, text


@pytest.mark.parametrize(
    ("text", "kind", "agent"),
    [
        ("cancel everything", "stop", None),
        ("bitte alles abbrechen", "stop", None),
        ("hey Claude Code soll bitte the login page reparieren", "delegate", "claude_code"),
        ("ask Codex ob die tests noch grün sind", "delegate", "codex"),
        ("remember dass der Zaun grün wird", "remember", None),
        ("merk dir that the fence is green", "remember", None),
    ],
)
def test_two_languages_in_one_sentence_are_understood(
    text: str, kind: str, agent: str | None
) -> None:
    intent = read_intent(text, Heard(agents=AGENTS))
    assert (intent.kind, intent.agent) == (kind, agent)


@pytest.mark.parametrize(
    "again",
    ["a ", "ask claude code to ", "sag claude code er soll ", "so und ", "is it so, ", "x"],
)
def test_no_text_keeps_the_rules_busy(again: str) -> None:
    text = (again * 4_000)[:4_000]
    assert len(text) > READ_CHARS
    read_intent("hello", Heard(agents=AGENTS))
    begun = time.process_time()
    read_intent(text, Heard(agents=AGENTS))
    assert time.process_time() - begun < 1


def test_an_ordinary_word_is_not_an_agent() -> None:
    heard = Heard(agents=AGENTS)
    assert read_intent("stop local buses are free", heard).agent is None
    assert read_intent("ask the local agent to tidy up", heard).agent == "local"
