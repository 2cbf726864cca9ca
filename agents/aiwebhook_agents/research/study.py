"""Reads a session for a question and picks what belongs in the brief."""

from collections.abc import Callable
from dataclasses import dataclass

from aiwebhook_agents.agent_io import Task
from aiwebhook_agents.extraction.extract import extract
from aiwebhook_agents.extraction.items import Finding
from aiwebhook_agents.memories.consolidation import consolidate
from aiwebhook_agents.memories.memory import StoredMemory
from aiwebhook_agents.research.ranking import SentenceIndex
from aiwebhook_agents.research.sources import Quote, Sources
from aiwebhook_agents.research.topics import with_names
from aiwebhook_agents.text.turns import Sentence, read_sentences
from aiwebhook_agents.text.words import content_words, similarity

ANSWER_SENTENCES = 3
ANSWER_SHARE = 0.4
"""Of the best score. A weaker sentence is evidence, not an answer. The best answer comes first."""
EVIDENCE_SENTENCES = 8
SECTION_ITEMS = 25
SHORTEST = 5
"""Content words. A shorter sentence is seldom understood without its neighbours."""
SECTIONS = ("decision", "question", "action_item", "risk")
WEIGHTS = {"decision": 2.5, "risk": 1.3, "fact": 1.1, "idea": 0.9, "question": 0.6}
"""An answer is more likely a decision than a remark, and hardly ever a question."""
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
"""What is said about a topic rarely names it in every sentence: the mean of the ten sentences on
each side counts like the sentence itself, nearer ones more than farther ones.
"""
COVERED = 0.6
GENERIC = frozenset(
    content_words(
        "write brief report summary summarise research session meeting conversation decision "
        "question action item risk"
        " cite source give overview write-up discussed everything important main key point find "
        "answer choose chose decide decided"
        " choice pick picked settle settled agree agreed use used take took go went option"
    )
)
"""Words of the request itself: they say what kind of text is wanted, not about what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Everything the brief says. `superseded` are decisions that later ones replaced."""

    question: str
    about: list[str]
    """Words of the question that occur in the session."""
    missed: bool
    """The question names something, and the session mentions none of it."""
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
    if _subject(question) and not about:
        scores = [0.0] * len(sentences)
    for number, sentence in enumerate(sentences):
        if (sources.of_sentence(sentence).ref, sentence.text) in replaced:
            scores[number] = 0.0
    picked = index.diverse(scores, ANSWER_SENTENCES + EVIDENCE_SENTENCES)
    best = scores[picked[0]] if picked else 0.0
    answer = [n for n in picked[:ANSWER_SENTENCES] if scores[n] >= ANSWER_SHARE * best]
    evidence = sorted(set(picked) - set(answer))[:EVIDENCE_SENTENCES]
    quotes = [sources.of_sentence(sentences[n]) for n in answer]
    kinds = _intended(question)
    said = [sources.as_said(quote) for kind in SECTIONS for quote in sections[kind]]
    return Study(
        question=question,
        about=asked,
        missed=bool(_subject(question)) and not asked and not any(map(_names_it(question), said)),
        answer=_best_first(quotes, said, kinds, frozenset(with_names(_subject(question)))),
        sections=sections,
        more=more,
        superseded=superseded,
        evidence=[sources.of_sentence(sentences[n]) for n in evidence],
    )


def _best_first(
    quotes: list[Quote], items: list[Quote], kinds: frozenset[str], wanted: frozenset[str]
) -> list[Quote]:
    """The answer, with memories: in a short session no sentence stands out, and one of memories
    alone has none. An item that names what is asked for comes before a sentence that does not; if
    nothing does, the newest of the kind that is asked for.
    """

    def shared(quote: Quote) -> int:
        return len(wanted & frozenset(content_words(quote.text)))

    asked = [quote for quote in items if quote.kind in kinds]
    best = max(map(shared, items), default=0)
    if quotes and shared(quotes[0]) >= best:
        fits = not asked or _flat(quotes[0].text) in {_flat(quote.text) for quote in asked}
        if fits or shared(quotes[0]):
            return quotes
    named = [quote for quote in items if best and shared(quote) == best]
    first = [quote for quote in named if quote.kind in kinds] or named
    first = first or asked[::-1] or ([] if quotes else items)
    known = {_flat(quote.text) for quote in first}
    rest = [quote for quote in quotes if _flat(quote.text) not in known]
    return [*first, *rest][:ANSWER_SENTENCES]


def _names_it(question: str) -> Callable[[Quote], bool]:
    wanted = frozenset(with_names(_subject(question)))
    return lambda quote: bool(wanted & frozenset(content_words(quote.text)))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _asked(question: str, title: str, index: SentenceIndex) -> list[str]:
    """Words of the question that occur in the session. Words of the title apply to everything in
    it, so they count only when there are no others.
    """
    named = [stem for stem in content_words(question) if stem not in GENERIC]
    stems = index.knows(with_names(named))
    special = [stem for stem in stems if stem not in content_words(title)]
    return special or stems


def _subject(question: str) -> list[str]:
    """What the question is about, without words of the request and of the kind."""
    cues = GENERIC.union(*(words for words, _ in INTENTS))
    return [stem for stem in content_words(question) if stem not in cues]


def _intended(question: str) -> frozenset[str]:
    """The kinds of memory that the question asks for."""
    stems = set(content_words(question))
    return frozenset(kind for cues, kind in INTENTS if cues & stems)


def _weighted(
    index: SentenceIndex,
    sentences: list[Sentence],
    items: list[Finding],
    about: list[str],
    intended: frozenset[str],
) -> list[float]:
    kind_of = {(s.chunk_id, s.start): item.kind for item in items for s in item.at}
    scores = _with_neighbours(index.scores(about)) if about else [1.0] * len(sentences)
    for number, sentence in enumerate(sentences):
        kind = kind_of.get((sentence.chunk_id, sentence.start))
        weight = WEIGHTS.get(kind, 1.0) if kind else 0.8 if sentence.is_question else 1.0
        weight *= INTENDED if kind in intended else 1.0
        if len(index.stems[number]) < SHORTEST and kind != "decision":
            weight *= 0.3
        scores[number] *= weight
    return scores


def _with_neighbours(scores: list[float]) -> list[float]:
    weights = [NEARBY + 1 - distance for distance in range(1, NEARBY + 1)]
    total = 2 * sum(weights)
    last = len(scores) - 1
    smoothed: list[float] = []
    for number, score in enumerate(scores):
        around = 0.0
        for distance, weight in enumerate(weights, start=1):
            before = scores[number - distance] if number >= distance else 0.0
            after = scores[number + distance] if number + distance <= last else 0.0
            around += weight * (before + after)
        smoothed.append(score + NEARBY_WEIGHT * around / total)
    return smoothed


def _sections(
    task: Task, items: list[Finding], sources: Sources
) -> tuple[dict[str, list[Quote]], dict[str, int], list[tuple[Quote, Quote]]]:
    """What is remembered, and what was said but is not remembered yet."""
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
