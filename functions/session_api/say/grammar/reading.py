"""From a sentence to what it means. The rules of a language are tried in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from session_api.say.grammar.agents import NOBODY, AgentNames
from session_api.say.grammar.english import ENGLISH
from session_api.say.grammar.german import GERMAN
from session_api.say.grammar.intent import Heard, Intent, Kind
from session_api.say.grammar.table import ABOUT_AN_AGENT, Table
from session_api.say.grammar.text import shortened, tidy, words_of

LANGUAGES: Mapping[str, Table] = {table.language: table for table in (ENGLISH, GERMAN)}
SHORT_ANSWER_WORDS = 12
"""So many words answer the only open question, where no rule knows them."""
_MEMORIES = {"decided": "decision", "todo": "action_item", "preferred": "preference"}
"""The memory type of a text in a group of this name."""
_PART = re.compile(r"\{([a-z_]+)\}")
Rule = tuple[Kind, re.Pattern[str]]


def read(text: str, heard: Heard) -> Intent:
    """What it means; a note where no rule knows it. Never raises."""
    counts = {table.language: _common_words(table, text) for table in LANGUAGES.values()}
    order = sorted(
        LANGUAGES.values(),
        key=lambda table: (-counts[table.language], table.language != heard.language),
    )
    line = tidy(text)
    for table in order:
        for sentence in shortened(line, *_politeness(table.language)):
            intent = _read(table, sentence, heard)
            if intent is not None:
                return intent
    language = order[0].language if counts[order[0].language] else heard.language
    if heard.asked and 0 < len(words_of(line)) <= SHORT_ANSWER_WORDS:
        return Intent(kind=Kind.REPLY, language=language, text=line)
    return Intent(kind=Kind.NOTE, language=language, text=text.strip())


def _read(table: Table, sentence: str, heard: Heard) -> Intent | None:
    if heard.pending:
        for kind, pattern in _answers(table.language):
            match = pattern.fullmatch(sentence)
            if match is not None:
                return _answer(table, kind, match)
    for kind, pattern in _rules(table.language, heard.agents):
        match = pattern.fullmatch(sentence)
        if match is not None:
            return _intent(table, kind, match, heard.agents)
    # An answer to nothing.
    for kind, pattern in () if heard.pending else _answers(table.language):
        match = pattern.fullmatch(sentence)
        if match is not None and kind is not Kind.CHOICE:
            return _answer(table, kind, match)
    return None


def _answer(table: Table, kind: Kind, match: re.Match[str]) -> Intent:
    number = table.numbers[match["text"].lower()] if kind is Kind.CHOICE else None
    return Intent(kind=kind, language=table.language, number=number)


def _intent(table: Table, kind: Kind, match: re.Match[str], agents: AgentNames) -> Intent:
    found: dict[str, str] = {}
    for name, value in match.groupdict().items():
        if value:
            found[name] = tidy(value)
    by_group = next((name for name in _MEMORIES if name in found), "")
    memory = table.memories.get(found.get("memory", "").lower()) or _MEMORIES.get(by_group)
    if kind is Kind.REMEMBER:
        memory = memory or "note"
    return Intent(
        kind=kind,
        language=table.language,
        text=found.get(by_group or "text", ""),
        agent=agents.meant(found["agent"]) if "agent" in found else None,
        memory=memory,
    )


def _common_words(table: Table, text: str) -> int:
    return sum(word in table.common for word in words_of(text))


@lru_cache(maxsize=8)
def _politeness(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = LANGUAGES[language]
    return re.compile(table.before, re.IGNORECASE), re.compile(table.after, re.IGNORECASE)


@lru_cache(maxsize=8)
def _answers(language: str) -> tuple[Rule, ...]:
    table = LANGUAGES[language]
    return tuple(_compiled(table, table.pending, NOBODY))


@lru_cache(maxsize=64)
def _rules(language: str, agents: AgentNames) -> tuple[Rule, ...]:
    table = LANGUAGES[language]
    return tuple(_compiled(table, table.rules, agents))


def _compiled(
    table: Table, rules: Iterable[tuple[Kind, Sequence[str]]], agents: AgentNames
) -> Iterable[Rule]:
    parts = {
        **table.parts,
        "agent": agents.pattern,
        "proper": agents.proper_pattern,
        "not_about": ABOUT_AN_AGENT,
    }
    for kind, patterns in rules:
        for pattern in patterns:
            filled = _PART.sub(lambda part: parts[part[1]], pattern)
            yield kind, re.compile(filled, re.IGNORECASE)
