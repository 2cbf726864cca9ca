"""Learn what the words of a sentence weigh: `make weigh`.

Multinomial logistic regression by AdaGrad over the words and pairs of words of the corpora, in
plain Python and in a fixed order, rounded to tenths.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.say_ending import agent_display_name
from session_api.say.grammar import cues, weights
from session_api.say.grammar.agents import AgentNames
from session_api.say.grammar.reading import LANGUAGES

HERE = Path(__file__).parent
BATCHES = ("", "more_", "unseen_", "dev_", "own_")
PACKAGES = {"en": "english", "de": "german"}
ANSWERS = frozenset({"yes", "no", "choice"})
AGENTS = AgentNames.of(
    (each.name, agent_display_name(each.name, each.title), each.aliases)
    for each in built_in_manifests().values()
)
EPOCHS = 20
_RATE = 0.5
_LIGHTEST = 5
"""Tenths; lighter ones are left out."""
Json = dict[str, Any]


def batch(name: str) -> list[Json]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]


def sentences_of(language: str) -> list[Json]:
    return [sentence for each in BATCHES for sentence in batch(f"{each}{language}")]


def digest(sentences: Sequence[Json]) -> str:
    """Of the corpora from which weights were learned."""
    return hashlib.sha256(json.dumps(sentences, sort_keys=True).encode()).hexdigest()[:16]


def learned(sentences: Sequence[Json], language: str) -> Json:
    """The content of `weights.json`."""
    rules = LANGUAGES[language]
    taught = [
        (weights.features(cues.marked_line(each["text"], rules, AGENTS)), each["kind"])
        for each in sentences
        if each["kind"] not in ANSWERS
    ]
    kinds = sorted({kind for _, kind in taught})
    found = _descended(taught, kinds)
    rounded = {
        word: {
            kind: round(10 * w)
            for kind, w in zip(kinds, each, strict=True)
            if abs(10 * w) >= _LIGHTEST
        }
        for word, each in sorted(found.items())
    }
    return {
        "corpora": digest(sentences),
        "kinds": kinds,
        "weights": {word: each for word, each in rounded.items() if each},
    }


def _descended(
    taught: Sequence[tuple[list[str], str]], kinds: Sequence[str]
) -> Mapping[str, list[float]]:
    counted = Counter(word for words, _ in taught for word in words)
    found = {word: [0.0] * len(kinds) for word, count in counted.items() if count > 1}
    paces = {word: [1e-6] * len(kinds) for word in found}
    lessons = [([w for w in words if w in found], kinds.index(kind)) for words, kind in taught]
    rng = random.Random(1)
    for _ in range(EPOCHS):
        rng.shuffle(lessons)
        for words, right in lessons:
            sums = [sum(found[word][k] for word in words) for k in range(len(kinds))]
            highest = max(sums)
            shares = [math.exp(each - highest) for each in sums]
            total = sum(shares)
            for k, share in enumerate(shares):
                _step(words, k, share / total - (k == right), found, paces)
    return found


def _step(
    words: Sequence[str],
    k: int,
    error: float,
    found: Mapping[str, list[float]],
    paces: Mapping[str, list[float]],
) -> None:
    if abs(error) < 1e-3:
        return
    for word in words:
        slope = error + 1e-3 * found[word][k]
        paces[word][k] += slope * slope
        found[word][k] -= _RATE * slope / math.sqrt(paces[word][k])


def path_of(language: str) -> Path:
    grammar = HERE.parents[1] / "functions/session_api/say/grammar"
    return grammar / PACKAGES[language] / "weights.json"


def main() -> None:
    for language in PACKAGES:
        content = learned(sentences_of(language), language)
        lines = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        path_of(language).write_text(lines.replace("},", "},\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
