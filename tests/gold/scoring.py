"""Reads the labelled conversations and counts what the extractor finds of them (see README)."""

import re
from dataclasses import dataclass
from pathlib import Path

from aiwebhook_agents.extraction.extract import extract
from aiwebhook_agents.extraction.items import Finding

GOLD = Path(__file__).parent
MARK = re.compile(r"\[\[([DA]\d+):|\]\]")
KINDS = {"D": "decision", "A": "action_item"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldConversation:
    """The bare text, and for each label the spans that say it."""

    name: str
    text: str
    spans: dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of one kind; adds up."""

    right: int
    wrong: int
    missed: int

    def __add__(self, other: "Score") -> "Score":
        return Score(
            right=self.right + other.right,
            wrong=self.wrong + other.wrong,
            missed=self.missed + other.missed,
        )

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)

    def __str__(self) -> str:
        return f"F1 {self.f1:.2f} ({self.right} right, {self.wrong} wrong, {self.missed} missed)"


def read_gold(name: str) -> GoldConversation:
    """One conversation with its marks taken out; offsets are of the bare text."""
    marked = (GOLD / f"{name}.txt").read_text(encoding="utf-8")
    text, spans, opened, position = (
        "",
        dict[str, list[tuple[int, int]]](),
        list[tuple[str, int]](),
        0,
    )
    for match in MARK.finditer(marked):
        text += marked[position : match.start()]
        position = match.end()
        if match[1]:
            opened.append((match[1], len(text)))
        else:
            label, start = opened.pop()
            spans.setdefault(label, []).append((start, len(text)))
    assert not opened, f"{name}: a mark is not closed: {opened}"
    return GoldConversation(name=name, text=text + marked[position:], spans=spans)


def found_in(gold: GoldConversation) -> list[Finding]:
    chunk = {"chunk_id": gold.name, "content": gold.text, "start_time": "2026-11-18T09:00:00Z"}
    return extract((chunk,))


def score(gold: GoldConversation, kind: str) -> tuple[Score, list[str]]:
    """The score of one kind, and a line for each mistake."""
    labels = {label: spans for label, spans in gold.spans.items() if KINDS[label[0]] == kind}
    open_labels = dict(labels)
    mistakes: list[str] = []
    wrong = 0
    for item in found_in(gold):
        if item.kind != kind:
            continue
        label = next((name for name, spans in open_labels.items() if _overlap(item, spans)), None)
        if label is None:
            wrong += 1
            mistakes.append(f"wrong  {kind}: {item.text!r} ({item.reason})")
        else:
            del open_labels[label]
    mistakes += [
        f"missed {kind}: {gold.text[slice(*spans[0])]!r}" for spans in open_labels.values()
    ]
    right = len(labels) - len(open_labels)
    return Score(right=right, wrong=wrong, missed=len(open_labels)), mistakes


def _overlap(item: Finding, spans: list[tuple[int, int]]) -> bool:
    return any(s.start < end and start < s.end for s in item.at for start, end in spans)
