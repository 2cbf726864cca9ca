"""Findings: what was found, where, and the key under which it is remembered."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from aiwebhook_agents.text.turns import Sentence
from aiwebhook_agents.text.words import content_words, similarity

SAME = 0.75
"""Jaccard similarity of content words from which two findings of one kind count as one."""
LONGEST_TEXT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. `at` are the sentences that say it, the most telling first."""

    kind: str
    text: str
    at: tuple[Sentence, ...]
    reason: str
    confidence: float
    owner: str | None = None
    due_text: str | None = None
    due: date | None = None

    @property
    def key(self) -> str:
        """Made of kind and words alone: reading the same text again gives the same key."""
        normal = " ".join(content_words(self.text)) or self.text.lower()
        return f"{self.kind}-{hashlib.sha256(f'{self.kind}|{normal}'.encode()).hexdigest()[:16]}"

    def content(self) -> dict[str, object]:
        """The memory's content; unknown fields are left out."""
        known: dict[str, object | None] = {
            "text": self.text,
            "confidence": round(self.confidence, 2),
            "owner": self.owner,
            "due": self.due.isoformat() if self.due else None,
            "due_text": self.due_text,
            "speaker": self.at[0].speaker,
        }
        return {name: value for name, value in known.items() if value is not None}

    def source(self) -> dict[str, object]:
        """Where it was said. Offsets are characters of the chunk's content."""
        first, *others = [_place(sentence) for sentence in self.at]
        return first | {"reason": self.reason} | ({"also": others} if others else {})


def merge_repeated(items: list[Finding]) -> list[Finding]:
    """One item for what was said more than once, in the order of the first time. Linear: items
    are compared only with those that share one of their three longest words."""
    kept: list[Finding] = []
    words_of: list[frozenset[str]] = []
    by_word: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    seen: dict[str, int] = {}
    for item in items:
        words = frozenset(content_words(item.text))
        distinctive = sorted(words, key=lambda word: (-len(word), word))[:3]
        candidates = {n for word in distinctive for n in by_word[item.kind, word][-20:]}
        same = seen.get(item.key)
        if same is None:
            best = max(candidates, key=lambda n: similarity(words, words_of[n]), default=None)
            if best is not None and similarity(words, words_of[best]) >= SAME:
                same = best
        if same is not None:
            kept[same] = _merged(kept[same], item)
            continue
        seen[item.key] = len(kept)
        for word in distinctive:
            by_word[item.kind, word].append(len(kept))
        kept.append(item)
        words_of.append(words)
    return kept


def _merged(first: Finding, again: Finding) -> Finding:
    return replace(
        first,
        at=(*first.at, *(s for s in again.at if s not in first.at)),
        # Said twice is more certain than said once, but never certain.
        confidence=min(0.95, max(first.confidence, again.confidence) + 0.05),
        owner=first.owner or again.owner,
        due=first.due or again.due,
        due_text=first.due_text or again.due_text,
    )


def _place(sentence: Sentence) -> dict[str, object]:
    known: dict[str, object | None] = {
        "chunk_id": sentence.chunk_id,
        "speaker": sentence.speaker,
        "time": sentence.time,
        "quote": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
    }
    return {name: value for name, value in known.items() if value is not None}
