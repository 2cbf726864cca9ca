"""BM25 over sentences and maximal marginal relevance. Pure; linear in the text."""

import math
from collections import Counter
from collections.abc import Iterable

from aiwebhook_agents.text.words import content_words, similarity

K1, B = 1.2, 0.6
"""Usual values; B is lower than for documents, because a long sentence is not padded."""
TOPIC_WORDS = 12
POOL = 200
"""MMR compares each pick with the rest; only the best by BM25 take part."""
NOVELTY = 0.7
"""1 would rank by relevance alone."""


class SentenceIndex:
    """Ranks the sentences it was built from; they are named by their number."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.stems = [content_words(text) for text in texts]
        self._sets = [frozenset(stems) for stems in self.stems]
        self._frequency = Counter(stem for stems in self._sets for stem in stems)
        self._mean = sum(map(len, self.stems)) / max(len(self.stems), 1) or 1.0

    def topics(self) -> list[str]:
        """What the text is about when the question names nothing: words of many sentences."""
        common = self._frequency.most_common(TOPIC_WORDS)
        return [
            stem
            for stem, count in sorted(common, key=lambda pair: (-pair[1], pair[0]))
            if count > 1
        ]

    def knows(self, stems: Iterable[str]) -> list[str]:
        """Those of the words that occur in the text, without duplicates."""
        return [stem for stem in dict.fromkeys(stems) if stem in self._frequency]

    def scores(self, query: list[str]) -> list[float]:
        """BM25 of every sentence."""
        total = len(self.stems)
        weight = {
            stem: math.log(
                1 + (total - self._frequency[stem] + 0.5) / (self._frequency[stem] + 0.5)
            )
            for stem in query
        }
        return [self._score(stems, weight) for stems in self.stems]

    def _score(self, stems: list[str], weight: dict[str, float]) -> float:
        counts = Counter(stem for stem in stems if stem in weight)
        length = K1 * (1 - B + B * len(stems) / self._mean)
        return sum(weight[s] * n * (K1 + 1) / (n + length) for s, n in counts.items())

    def diverse(self, scores: list[float], count: int) -> list[int]:
        """The best sentences that do not repeat each other; ties go to the earlier one."""
        order = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
        pool = [n for n in order[:POOL] if scores[n] > 0]
        best = scores[pool[0]] if pool else 1.0
        picked: list[int] = []
        while pool and len(picked) < count:
            worth = {n: self._worth(n, scores[n] / best, picked) for n in pool}
            chosen = max(pool, key=lambda n: (worth[n], -n))
            picked.append(chosen)
            pool.remove(chosen)
        return picked

    def _worth(self, number: int, relevance: float, picked: list[int]) -> float:
        repeats = max((similarity(self._sets[number], self._sets[p]) for p in picked), default=0.0)
        return NOVELTY * relevance - (1 - NOVELTY) * repeats
