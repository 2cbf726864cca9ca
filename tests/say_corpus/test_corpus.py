"""The rules of POST /v1/say against sentences that were written without sight of them.

`en.jsonl` and `de.jsonl` are frozen: a rule is changed, never a sentence. Of these the rules read
71 % (English) and 60 % (German) right when they first met them, and all of them today, after they
were mended by them. `more_*.jsonl` were written later, by the author of the rules, in four batches,
each before it was read by the rules: English 68, 77, 74 and 92 %, German 62, 66, 65 and 90 %, and
all of them today. `unseen_*.jsonl` are two batches of 126 a language by somebody who had not read
the rules, frozen before the first run: English 92 and 85 %, German 87 and 80 %, the second read by
rules that had been mended by the first. So much of a new batch, not 100 %, is what a stranger may
expect; none of any batch was taken for an order to cancel or to work. `dev_*.jsonl` are 250 a
language by another stranger: the same rules read 81 % (English) and 63 % (German) of them right.
Cues were then added, with every other sentence of these in sight: of those out of sight, 90 % and
82 % were right. `own_*.jsonl` were written by the author
of the cues in seven batches, each before it was read: English 83, 85, 72, 98, 86, 80 and 83 %,
German 80, 88, 78, 91, 94, 78 and 85 %, from the fourth on with weights of words. The seventh are
forty a language that mention agents and order nothing: seven and three were taken for orders, which
no other kind of sentence had been. All have since been used to mend the cues and to weigh words
(`weigh.py`): what they are read like today says little about a new one.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from session_api.say.grammar.intent import Heard, Intent, IntentKind
from session_api.say.grammar.reading import READ_CHARS, read_intent
from session_api.say.grammar.weights import WordWeights
from tests.say_corpus import weigh
from tests.say_corpus.weigh import AGENTS

pytestmark = pytest.mark.req("D9")
ENOUGH = 0.95
COSTLY = (IntentKind.STOP, IntentKind.DELEGATE)
"""What cancels or costs: never to be read into a sentence that means something else."""
ORDERS = ("delegate", "stop", "reply")
FILES = [
    *(("en", 300), ("de", 300), ("more_en", 60), ("more_de", 60)),
    *(("unseen_en", 250), ("unseen_de", 250), ("dev_en", 250), ("dev_de", 250)),
    *(("own_en", 300), ("own_de", 300)),
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


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_weigh_what_the_corpora_teach(language: str) -> None:
    kept = json.loads(weigh.path_of(language).read_text(encoding="utf-8"))
    taught = weigh.digest(weigh.sentences_of(language))
    assert kept["corpora"] == taught, "run make weigh"


@pytest.mark.parametrize(("kind", "read_as"), [("news", "news"), *((k, None) for k in ORDERS)])
def test_no_weight_of_words_is_an_order(kind: str, read_as: str | None) -> None:
    known = WordWeights(kinds=("note", kind), weights={"anything": {kind: 100}})
    assert known.kind("anything at all") == read_as


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


def test_an_ordinary_word_is_no_agent() -> None:
    heard = Heard(agents=AGENTS)
    assert read_intent("stop local buses are free", heard).agent is None
    assert read_intent("ask the local agent to tidy up", heard).agent == "local"
