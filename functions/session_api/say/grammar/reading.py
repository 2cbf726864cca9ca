"""From a sentence to what it means. The rules of a language are tried in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from session_api.say.grammar.agents import NOBODY, AgentNames
from session_api.say.grammar.english import ENGLISH
from session_api.say.grammar.german import GERMAN
from session_api.say.grammar.intent import Heard, Intent, IntentKind
from session_api.say.grammar.language_rules import ABOUT_AN_AGENT, LanguageRules
from session_api.say.grammar.text import shortened, tidy, words_of

LANGUAGES: Mapping[str, LanguageRules] = {table.language: table for table in (ENGLISH, GERMAN)}
SHORT_ANSWER_WORDS = 12
"""So many words answer the only open question, where no rule knows them."""
READ_CHARS = 400
"""Of a longer text the rules read so much."""
_GOES_ON = frozenset({IntentKind.DELEGATE, IntentKind.REMEMBER, IntentKind.REPLY})
_MEMORIES = {"decided": "decision", "todo": "action_item", "preferred": "preference"}
"""The memory type of a text in a group of this name."""
_PART = re.compile(r"\{([a-z_]+)\}")
Rule = tuple[IntentKind, re.Pattern[str]]


def read(text: str, heard: Heard) -> Intent:
    """What it means; a note where no rule knows it. Never raises.

    Of a long text the rules read the beginning only, so that no text keeps them busy: an order, a
    memory or an answer that begins there goes on to the end, anything else is a note.
    """
    counts = {table.language: _common_words(table, text) for table in LANGUAGES.values()}
    order = sorted(
        LANGUAGES.values(),
        key=lambda table: (-counts[table.language], table.language != heard.language),
    )
    line = tidy(text)
    head = _head(line)
    for table in order:
        intent = _in_language(table, head, heard)
        if intent is not None and head is not line:
            intent = _to_the_end(intent, head, line)
        if intent is not None:
            return intent
    language = order[0].language if counts[order[0].language] else heard.language
    if heard.asked and 0 < len(words_of(line)) <= SHORT_ANSWER_WORDS:
        return Intent(kind=IntentKind.REPLY, language=language, text=line)
    return Intent(kind=IntentKind.NOTE, language=language, text=text.strip())


def _head(line: str) -> str:
    if len(line) <= READ_CHARS:
        return line
    return line[: max(line.rfind(" ", 0, READ_CHARS), 0) or READ_CHARS]


def _to_the_end(intent: Intent, head: str, line: str) -> Intent | None:
    if intent.kind not in _GOES_ON or not intent.text or not tidy(head).endswith(intent.text):
        return None
    return replace(intent, text=line[head.rindex(intent.text) :])


def _in_language(table: LanguageRules, text: str, heard: Heard) -> Intent | None:
    sentences = [*shortened(text, *_politeness(table.language))]
    known = (_read(table, sentence, heard) for sentence in sentences)
    behind = _behind(table.language, heard.agents)
    found = next((intent for intent in known if intent is not None), None)
    return found or _first(table, behind, text, heard)


def _first(
    table: LanguageRules, rules: Iterable[Rule], sentence: str, heard: Heard
) -> Intent | None:
    for kind, pattern in rules:
        match = pattern.fullmatch(sentence)
        if match is not None:
            return _intent(table, kind, match, heard.agents)
    return None


def _read(table: LanguageRules, sentence: str, heard: Heard) -> Intent | None:
    if heard.pending:
        for kind, pattern in _answers(table.language):
            match = pattern.fullmatch(sentence)
            if match is not None:
                return _answer(table, kind, match)
    intent = _first(table, _rules(table.language, heard.agents), sentence, heard)
    if intent is not None:
        return intent
    # An answer to nothing.
    for kind, pattern in () if heard.pending else _answers(table.language):
        match = pattern.fullmatch(sentence)
        if match is not None and kind is not IntentKind.CHOICE:
            return _answer(table, kind, match)
    return None


def _answer(table: LanguageRules, kind: IntentKind, match: re.Match[str]) -> Intent:
    place = match.groupdict().get("text") if kind is IntentKind.CHOICE else None
    number = table.numbers[place.lower()] if place else None
    return Intent(kind=kind, language=table.language, number=number)


def _intent(
    table: LanguageRules, kind: IntentKind, match: re.Match[str], agents: AgentNames
) -> Intent:
    found: dict[str, str] = {}
    for name, value in match.groupdict().items():
        if value:
            found[name] = tidy(value)
    named = found.get("agent") or found.get("named")
    by_group = next((name for name in _MEMORIES if name in found), "")
    memory = table.memories.get(found.get("memory", "").lower()) or _MEMORIES.get(by_group)
    if kind is IntentKind.REMEMBER:
        memory = memory or "note"
    return Intent(
        kind=kind,
        language=table.language,
        text=found.get(by_group or "text", ""),
        agent=agents.meant(named) if named else None,
        memory=memory,
    )


def _common_words(table: LanguageRules, text: str) -> int:
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


@lru_cache(maxsize=64)
def _behind(language: str, agents: AgentNames) -> tuple[Rule, ...]:
    table = LANGUAGES[language]
    return tuple(_compiled(table, table.behind, agents))


def _compiled(
    table: LanguageRules, rules: Iterable[tuple[IntentKind, Sequence[str]]], agents: AgentNames
) -> Iterable[Rule]:
    parts = {
        **table.parts,
        "agent": agents.pattern,
        "proper": agents.proper_pattern,
        "not_about": ABOUT_AN_AGENT,
    }
    for kind, patterns in rules:
        for pattern in patterns:
            yield kind, re.compile(_filled(pattern, parts), re.IGNORECASE)


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    """With its parts, and the parts of these."""
    while True:
        filled = _PART.sub(lambda part: parts[part[1]], pattern)
        if filled == pattern:
            return filled
        pattern = filled
