"""From chunks to turns to sentences. Every piece knows where in its chunk it came from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from aiwebhook_agents.agent_io import as_list

LONGEST_SENTENCE = 1_000
"""Text without punctuation is cut here: a rule should match a sentence, not a chapter."""

NAME = (
    r"[A-ZÀ-ÖØ-Þ][\w.'’-]*(?: (?:[A-ZÀ-ÖØ-Þ][\w.'’-]*|von|van|de|da|di|der)){0,3}"
    r"(?: \((?!\d{1,2}:)[^)\n]{1,40}\))?"
)
CLOCK = r"[\[(]?(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?[\])]?"
TURN = re.compile(
    rf"^[ \t]*(?:[-*•] )?(?:{CLOCK}[ \t]*)?(?:\*\*)?(?P<name>{NAME}|[a-z][\w-]{{1,30}})(?:\*\*)?"
    rf"(?: {CLOCK.replace('clock', 'clock2')})?:(?:\*\*)?[ \t]+",
    re.MULTILINE,
)
SUBTITLE_NOISE = re.compile(r"^(?:WEBVTT.*|\d+|[\d:.,]+ --> [\d:.,]+.*)$", re.MULTILINE)

LABELS: Mapping[str, str] = {
    "decision": "decision",
    "decisions": "decision",
    "decided": "decision",
    "agreed": "decision",
    "action": "action_item",
    "action item": "action_item",
    "action items": "action_item",
    "todo": "action_item",
    "to do": "action_item",
    "next step": "action_item",
    "next steps": "action_item",
    "question": "question",
    "open question": "question",
    "open questions": "question",
    "risk": "risk",
    "risks": "risk",
    "idea": "idea",
    "ideas": "idea",
    "fact": "fact",
    "facts": "fact",
    "note": "note",
    "notes": "note",
    "context": "note",
    "summary": "note",
}
"""Words before a colon in written notes that are not names."""

ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|z\.B|a\.m|p\.m|a\.M|approx|vs|etc|Mr|Mrs|Ms|Dr|Prof|St|ca|incl|resp)"
    r"|\b[A-Z])\.$"
)
SENTENCE_END = re.compile(
    # The look-behind and the possessive ++ keep a run of a million dots linear.
    r"(?<![.!?…])[.!?…]++[\"'”’)\]]*(?=\s|$)|\n[ \t]*(?=\n|[-*•#]|\d+[.)] )|\n(?=[ \t]*$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTurn:
    """One speaker at a time. Offsets are characters of the chunk's content."""

    chunk_id: str
    speaker: str | None
    time: str | None
    label: str | None
    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """The smallest piece that is quoted. `turn` counts through the whole conversation."""

    chunk_id: str
    speaker: str | None
    time: str | None
    label: str | None
    turn: int
    start: int
    end: int
    text: str

    @property
    def is_question(self) -> bool:
        """Ends with a question mark."""
        return self.text.rstrip("\"'”’)] ").endswith("?")


def read_sentences(chunks: tuple[Mapping[str, object], ...]) -> list[Sentence]:
    """All sentences of all chunks in order. Chunks without text are skipped."""
    sentences: list[Sentence] = []
    number = 0
    for chunk in chunks:
        for turn in read_turns(chunk):
            found = list(_sentences_of(turn, number))
            sentences += found
            number += bool(found)
    return sentences


def read_turns(chunk: Mapping[str, object]) -> list[SpokenTurn]:
    """A dialogue is cut at "Name:"; anything else is one turn of the chunk's only participant."""
    content = chunk.get("content")
    if not isinstance(content, str):
        return []
    chunk_id = str(chunk.get("chunk_id") or "")
    content = SUBTITLE_NOISE.sub(lambda match: " " * len(match.group()), content)
    people = _participants(chunk)
    start_time = chunk.get("start_time")
    default_time = start_time if isinstance(start_time, str) else None
    only_one = people[0] if len(people) == 1 else None
    heads = [match for match in TURN.finditer(content) if _is_head(match, people)]
    turns: list[SpokenTurn] = []
    first = heads[0].start() if heads else len(content)
    turns.append(
        SpokenTurn(
            chunk_id=chunk_id,
            speaker=only_one,
            time=default_time,
            label=None,
            start=0,
            text=content[:first],
        )
    )
    for head, following in zip_longest(heads, heads[1:]):
        name = head["name"]
        label = LABELS.get(name.lower())
        end = following.start() if following else len(content)
        clock = head["clock"] or head["clock2"]
        turns.append(
            SpokenTurn(
                chunk_id=chunk_id,
                speaker=only_one if label else name,
                time=_time_of(clock, default_time),
                label=label,
                start=head.end(),
                text=content[head.end() : end],
            )
        )
    return [turn for turn in turns if turn.text.strip()]


def _participants(chunk: Mapping[str, object]) -> list[str]:
    return [str(person) for person in as_list(chunk.get("participants"))]


def _is_head(match: re.Match[str], people: list[str]) -> bool:
    """A lower-case word before a colon is a speaker only if it is a participant ("user: hello")."""
    name = match["name"]
    return name[0].isupper() or name in people or name.lower() in LABELS or name in ROLES


ROLES = frozenset({"user", "assistant", "system", "agent", "developer", "human"})


def _time_of(clock: str | None, default: str | None) -> str | None:
    """The clock time of a turn on the day on which its chunk began."""
    if clock is None:
        return default
    if default is not None and len(default) >= 19 and default[10] in "T ":
        hours, minutes, seconds = [*clock.split(":"), "00"][:3]
        return f"{default[:11]}{int(hours):02}:{minutes}:{seconds}{default[19:]}"
    return clock


def _sentences_of(turn: SpokenTurn, number: int) -> Iterator[Sentence]:
    for start, end in sentence_spans(turn.text):
        yield Sentence(
            chunk_id=turn.chunk_id,
            speaker=turn.speaker,
            time=turn.time,
            label=turn.label,
            turn=number,
            start=turn.start + start,
            end=turn.start + end,
            text=turn.text[start:end],
        )


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the sentences, without surrounding blanks."""
    begin = 0
    for match in SENTENCE_END.finditer(text):
        ends_with_period = match.group().startswith(".") and len(match.group()) == 1
        if ends_with_period and ABBREVIATION.search(
            text, max(begin, match.end() - 12), match.end()
        ):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        while start < end and (text[start].isspace() or text[start] in "-*•#"):
            start += 1
        cut = end
        if end - start > LONGEST_SENTENCE:
            blank = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
            cut = blank if blank > start else start + LONGEST_SENTENCE
        stop = cut
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        if any(character.isalnum() for character in text[start:stop]):
            yield start, stop
        start = cut
