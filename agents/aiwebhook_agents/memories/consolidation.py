"""Which memories say the same, and which decision is superseded by a later one. Pure.

Merging is careful: likeness.py decides when two are the same. Superseding needs the later decision
to say so ("instead of …", "changed our mind", "no longer"), or to negate what the earlier one said
in nearly the same words.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from aiwebhook_agents.agent_io import as_object
from aiwebhook_agents.memories.likeness import says_the_same
from aiwebhook_agents.memories.memory import StoredMemory
from aiwebhook_agents.text.words import content_words, similarity

SAME = 0.75
RELATED = 0.5
RAREST = 4
"""Words of a memory by which others are looked up; comparing all with all would be quadratic."""
MOST_CANDIDATES = 50

REPLACED = re.compile(
    r"\b(?:instead of|rather than|in place of|replaces|replacing|and not|, not|no longer|not "
    r"(?:use|using|going with|doing)|"
    r"don't (?:use|do|need)|drop(?:ping)?|away from|switch(?:ing)? (?:over )?from|move (?:over "
    r")?from)\s+(?P<what>[^.,;!?]{2,80})",
    re.IGNORECASE,
)
CHANGED = re.compile(
    r"\b(?:changed (?:my|our|his|her|their) minds?|after all|on second thought|instead\b|no "
    r"longer|any ?more|"
    r"actually (?:no|not)|reverses|we(?:'d| would) rather)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """`merged`: survivor → those that go; `superseded`: newer → older. A key is in one only."""

    merged: dict[str, list[StoredMemory]] = field(default_factory=dict[str, list[StoredMemory]])
    superseded: dict[str, list[StoredMemory]] = field(default_factory=dict[str, list[StoredMemory]])


def consolidate(memories: list[StoredMemory]) -> Consolidation:
    """Decides for all at once. Deterministic; applied to its own result it finds nothing more."""
    ordered = sorted(memories, key=lambda memory: (memory.age, memory.key))
    neighbours = _neighbours(ordered)
    gone: set[str] = set()
    superseded: dict[str, list[StoredMemory]] = {}
    for newer in reversed(ordered):
        if newer.type != "decision" or newer.key in gone:
            continue
        older = [
            other
            for other in neighbours[newer.key]
            if other.type == "decision" and other.key not in gone and _overtakes(newer, other)
        ]
        if older:
            superseded[newer.key] = older
            gone |= {memory.key for memory in older}
    merged: dict[str, list[StoredMemory]] = {}
    for memory in sorted(ordered, key=_worth_keeping):
        if memory.key in gone:
            continue
        same = [o for o in neighbours[memory.key] if o.key not in gone and says_the_same(memory, o)]
        # A memory that supersedes others must not be merged, or the link to them would be lost.
        same = [other for other in same if other.key not in superseded]
        if same:
            merged[memory.key] = same
            gone |= {other.key for other in same}
    return Consolidation(merged=merged, superseded=superseded)


def _overtakes(newer: StoredMemory, older: StoredMemory) -> bool:
    if newer.age <= older.age or newer.key == older.key:
        return False
    for replaced in REPLACED.finditer(newer.text):
        what = frozenset(content_words(replaced["what"]))
        # The older one must be about all of it, or "instead of a table" matches every table.
        if what and what <= older.stems and not _mentions_as_replaced(older, what):
            return True
    alike = similarity(newer.stems, older.stems)
    if CHANGED.search(newer.text) and alike >= RELATED:
        return True
    return alike >= SAME and newer.fingerprint[1] != older.fingerprint[1]


def _mentions_as_replaced(memory: StoredMemory, what: frozenset[str]) -> bool:
    """The older one says itself that this is replaced, so both agree."""
    return any(
        what <= frozenset(content_words(match["what"])) for match in REPLACED.finditer(memory.text)
    )


def _worth_keeping(memory: StoredMemory) -> tuple[int, int, tuple[str, int], str]:
    """Prefers what has more besides the text, then the fullest wording, then the oldest."""
    return (-len(as_object(memory.content)), -len(memory.stems), memory.age, memory.key)


def _neighbours(memories: list[StoredMemory]) -> dict[str, list[StoredMemory]]:
    """For each memory those of its type that share one of its rarest words, or that it
    names as replaced."""
    frequency = Counter(stem for memory in memories for stem in memory.stems)
    holders: defaultdict[tuple[str, str], list[StoredMemory]] = defaultdict(list)
    for memory in memories:
        for stem in memory.stems:
            holders[memory.type, stem].append(memory)
    found: dict[str, list[StoredMemory]] = {}
    for memory in memories:
        replaced = {s for m in REPLACED.finditer(memory.text) for s in content_words(m["what"])}
        rare = sorted(memory.stems - replaced, key=lambda stem: (frequency[stem], stem))[:RAREST]
        near: dict[str, StoredMemory] = {}
        for stem in [*sorted(replaced), *rare]:
            for other in holders[memory.type, stem][-MOST_CANDIDATES:]:
                near[other.key] = other
        near.pop(memory.key, None)
        found[memory.key] = list(near.values())
    return found
