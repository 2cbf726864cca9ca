"""What a sentence means by the weight of its words: asked last, where neither rule nor cue knows.

The weights of a language are `weights.json` beside its rules, learned from the sentences in
tests/say_corpus (`make weigh`). They order nothing: no word's weight gives
work to an agent, stops it or answers it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from session_api.say.grammar.intent import IntentKind

SURE = 0.5
"""So probable must a kind be."""
MOST_WORDS = 40
BIAS = "#"
"""The feature of every sentence."""
_HARMLESS = frozenset(
    {
        *(IntentKind.NEWS, IntentKind.RECALL, IntentKind.REMEMBER, IntentKind.OPEN),
        *(IntentKind.SWITCH, IntentKind.AGAIN, IntentKind.MORE),
    }
)
_WORD = re.compile(r"[\w']+")
_MARKS = {"\u16a0": "@", "\u16a2": "@", "\u16a6": "&"}
"""As `cues.py` marks agents, and as the weights name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordWeights:
    """`weights`: of each word and pair of words, one for each of the kinds, in tenths."""

    kinds: Sequence[str]
    weights: Mapping[str, Mapping[str, int]]

    def kind(self, line: str) -> IntentKind | None:
        """As kind_by_words."""
        found = [self.weights[each] for each in features(line) if each in self.weights]
        sums = {kind: sum(each.get(kind, 0) for each in found) / 10 for kind in self.kinds}
        likeliest = max(self.kinds, key=lambda kind: sums[kind])
        share = 1 / sum(math.exp(each - sums[likeliest]) for each in sums.values())
        meant = IntentKind(likeliest)
        return meant if meant in _HARMLESS and share >= SURE else None


def features(line: str) -> list[str]:
    """The words of a marked sentence and its pairs of neighbours, each once."""
    spoken: list[str] = _WORD.findall(line.lower())
    words = [_MARKS.get(word, word) for word in spoken[:MOST_WORDS]]
    edged = ["^", *words, "$"]
    return [BIAS, *sorted({*words, *(" ".join(pair) for pair in pairwise(edged))})]


def kind_by_words(line: str, package: str) -> IntentKind | None:
    """The kind that the words of a marked sentence make probable, if that is a harmless one."""
    return _word_weights(package).kind(line)


@lru_cache(maxsize=2)
def _word_weights(package: str) -> WordWeights:
    read = json.loads(files(package).joinpath("weights.json").read_text(encoding="utf-8"))
    return WordWeights(kinds=read["kinds"], weights=read["weights"])
