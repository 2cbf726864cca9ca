"""Reads a session for a question and picks what belongs into the brief."""

from dataclasses import dataclass
from itertools import accumulate

from aiwebhook_runner.agents.agent_io import Task
from aiwebhook_runner.agents.extraction.extract import extract
from aiwebhook_runner.agents.extraction.items import Item
from aiwebhook_runner.agents.memories.consolidation import consolidate
from aiwebhook_runner.agents.memories.memory import StoredMemory
from aiwebhook_runner.agents.research.ranking import SentenceIndex
from aiwebhook_runner.agents.research.sources import Quote, Sources
from aiwebhook_runner.agents.text.turns import Sentence, read_sentences
from aiwebhook_runner.agents.text.words import content_words, similarity

ANSWER_SENTENCES = 3
ANSWER_SHARE = 0.4
"""Of the best score. A weaker sentence is evidence, not an answer. The best answer comes first."""
EVIDENCE_SENTENCES = 8
SECTION_ITEMS = 25
SHORTEST = 5
"""Content words. A shorter sentence is seldom understood without its neighbours."""
SECTIONS = ("decision", "question", "action_item", "risk")
WEIGHTS = {"decision": 2.5, "risk": 1.3, "fact": 1.1, "idea": 0.9, "question": 0.6}
"""An answer is sooner a decision than a remark, and hardly ever a question."""
INTENTS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset(
            content_words("decide decision decided choose chose chosen agreed agree settled plan")
        ),
        "decision",
    ),
    (frozenset(content_words("risk danger problem worry worries blocker")), "risk"),
    (
        frozenset(content_words("todo task tasks action actions promised owner responsible")),
        "action_item",
    ),
    (frozenset(content_words("open unanswered question questions unclear")), "question"),
    (frozenset(content_words("idea ideas proposal suggestion")), "idea"),
)
INTENDED = 3.0
"""A question for decisions is answered by decisions."""
NEARBY = 10
NEARBY_WEIGHT = 1.0
"""What is said about a topic seldom names it in every sentence: the mean of the ten sentences on
each side counts like the sentence itself."""
COVERED = 0.6
GENERIC = frozenset(
    content_words(
        "write brief report summary summarise research session meeting conversation decision "
        "question action item risk"
        " cite source give overview write-up discussed everything important main key point find "
        "answer choose chose decide decided"
    )
)
"""Words of the order itself; they say what kind of text is wanted, not what about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Everything the brief says. `superseded` are decisions that later ones replaced."""

    question: str
    about: list[str]
    answer: list[Quote]
    sections: dict[str, list[Quote]]
    more: dict[str, int]
    superseded: list[tuple[Quote, Quote]]
    evidence: list[Quote]


def study(task: Task, sources: Sources) -> Study:
    """Deterministic: the same session and question give the same brief."""
    question = str(task.input.get("question") or task.description or "").strip()
    sentences = read_sentences(task.chunks)
    items = extract(task.chunks)
    index = SentenceIndex(sentence.text for sentence in sentences)
    asked = _asked(question, str(task.session.get("title") or ""), index)
    about = asked or index.topics()
    sections, more, superseded = _sections(task, items, sources)
    replaced = {(old.ref, old.text) for _, old in superseded}
    scores = _weighted(index, sentences, items, about, _intended(question))
    for number, sentence in enumerate(sentences):
        if (sources.of_sentence(sentence).ref, sentence.text) in replaced:
            scores[number] = 0.0
    picked = index.diverse(scores, ANSWER_SENTENCES + EVIDENCE_SENTENCES)
    best = scores[picked[0]] if picked else 0.0
    answer = [n for n in picked[:ANSWER_SENTENCES] if scores[n] >= ANSWER_SHARE * best]
    evidence = sorted(set(picked) - set(answer))[:EVIDENCE_SENTENCES]
    return Study(
        question=question,
        about=asked,
        answer=[sources.of_sentence(sentences[n]) for n in answer],
        sections=sections,
        more=more,
        superseded=superseded,
        evidence=[sources.of_sentence(sentences[n]) for n in evidence],
    )


def _asked(question: str, title: str, index: SentenceIndex) -> list[str]:
    """The words of the question that the session uses. Words of the title apply to everything in
    it, so they count only when there are no others."""
    stems = index.knows(stem for stem in content_words(question) if stem not in GENERIC)
    special = [stem for stem in stems if stem not in content_words(title)]
    return special or stems


def _intended(question: str) -> frozenset[str]:
    """The kinds of memory that the question asks for."""
    stems = set(content_words(question))
    return frozenset(kind for cues, kind in INTENTS if cues & stems)


def _weighted(
    index: SentenceIndex,
    sentences: list[Sentence],
    items: list[Item],
    about: list[str],
    intended: frozenset[str],
) -> list[float]:
    kind_of = {(s.chunk_id, s.start): item.kind for item in items for s in item.at}
    scores = _with_neighbours(index.scores(about))
    for number, sentence in enumerate(sentences):
        kind = kind_of.get((sentence.chunk_id, sentence.start))
        weight = WEIGHTS.get(kind, 1.0) if kind else 0.8 if sentence.is_question else 1.0
        weight *= INTENDED if kind in intended else 1.0
        if len(index.stems[number]) < SHORTEST and kind != "decision":
            weight *= 0.3
        scores[number] *= weight
    return scores


def _with_neighbours(scores: list[float]) -> list[float]:
    sums = [0.0, *accumulate(scores)]
    smoothed: list[float] = []
    for number, score in enumerate(scores):
        low, high = max(0, number - NEARBY), min(len(scores), number + NEARBY + 1)
        around = (sums[high] - sums[low] - score) / (2 * NEARBY)
        smoothed.append(score + NEARBY_WEIGHT * around)
    return smoothed


def _sections(
    task: Task, items: list[Item], sources: Sources
) -> tuple[dict[str, list[Quote]], dict[str, int], list[tuple[Quote, Quote]]]:
    """What is remembered, and what was said but not remembered yet."""
    memories = [StoredMemory.read(data, number) for number, data in enumerate(task.memories)]
    memories = [memory for memory in memories if memory.type in SECTIONS]
    quotes = {memory.key: sources.of_memory(memory) for memory in memories}
    known = {memory.key for memory in memories}
    by_type = {kind: [m for m in memories if m.type == kind] for kind in SECTIONS}
    for position, item in enumerate(items, start=len(memories)):
        covered = any(
            similarity(frozenset(content_words(item.text)), memory.stems) >= COVERED
            for memory in by_type.get(item.kind, [])[:500]
        )
        if item.kind in SECTIONS and item.key not in known and not covered:
            memory = StoredMemory(
                key=item.key,
                type=item.kind,
                content=item.content(),
                text=item.text,
                source=item.source(),
                position=position,
            )
            memories.append(memory)
            quotes[item.key] = sources.of_item(item)
    found = consolidate(memories)
    gone = {m.key for group in (*found.superseded.values(), *found.merged.values()) for m in group}
    living = sorted((m for m in memories if m.key not in gone), key=lambda m: m.age)
    sections = {kind: [quotes[m.key] for m in living if m.type == kind] for kind in SECTIONS}
    more = {kind: max(len(found) - SECTION_ITEMS, 0) for kind, found in sections.items()}
    pairs = [
        (quotes[new], quotes[old.key]) for new, olds in found.superseded.items() for old in olds
    ]
    return {kind: found[:SECTION_ITEMS] for kind, found in sections.items()}, more, pairs
