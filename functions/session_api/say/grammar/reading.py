"""From a sentence to what it means. The rules of a language are tried in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from session_api.say.grammar.agents import AgentNames
from session_api.say.grammar.cues import read_cues
from session_api.say.grammar.intent import Heard, Intent, IntentKind
from session_api.say.grammar.language_rules import ABOUT_AN_AGENT, LanguageRules, filled
from session_api.say.grammar.languages import LANGUAGES
from session_api.say.grammar.text import tidy, without_politeness, words_of

SHORT_ANSWER_WORDS = 12
"""So many words answer the only open question, where no rule knows them."""
READ_CHARS = 400
"""Of a longer text the rules read so much."""
_IN_ANSWERS = frozenset(
    {IntentKind.REMEMBER, IntentKind.RECALL, IntentKind.OPEN, IntentKind.SWITCH, IntentKind.MORE}
)
"""An answer to an agent may hold cues of these: "keep the old format"."""
_GOES_ON = frozenset({IntentKind.DELEGATE, IntentKind.REMEMBER, IntentKind.REPLY})
_MEMORIES = {"decided": "decision", "todo": "action_item", "preferred": "preference"}
"""The memory type of a text in a group of this name."""
Rule = tuple[IntentKind, re.Pattern[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    """The rules of a language for the agents of a project, compiled."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    answers: Sequence[Rule]
    rules: Sequence[Rule]
    behind: Sequence[Rule]


def read_intent(text: str, heard: Heard) -> Intent:
    """What it means; a note where no rule knows it. Never raises.

    Of a long text the rules read the beginning only, so that no text keeps them busy: an order, a
    memory or an answer that begins there goes on to the end, anything else is a note.
    """
    counts = {name: _common_words(rules, text) for name, rules in LANGUAGES.items()}
    languages = sorted(LANGUAGES, key=lambda name: (-counts[name], name != heard.language))
    line = tidy(text)
    head = _head(line)
    is_short_answer = heard.asked and 0 < len(words_of(line)) <= SHORT_ANSWER_WORDS
    rules = LANGUAGES[languages[0]]
    intent = _by_rules(head, line, languages, heard)
    if intent is None or intent.language == rules.language:
        by_cues = read_cues(head, intent, rules=rules, agents=heard.agents)
        if by_cues is not None and by_cues is not intent and head is not line:
            by_cues = _to_the_end(by_cues, head, line)
        if intent is None and is_short_answer and by_cues and by_cues.kind in _IN_ANSWERS:
            by_cues = None
        intent = by_cues
    if intent is not None:
        return intent
    language = languages[0] if counts[languages[0]] else heard.language
    if is_short_answer:
        return Intent(kind=IntentKind.REPLY, language=language, text=line)
    return Intent(kind=IntentKind.NOTE, language=language, text=text.strip())


def _by_rules(head: str, line: str, languages: Sequence[str], heard: Heard) -> Intent | None:
    for name in languages:
        intent = _in_language(LANGUAGES[name], head, heard)
        if intent is not None and head is not line:
            intent = _to_the_end(intent, head, line)
        if intent is not None:
            return intent
    return None


def _common_words(rules: LanguageRules, text: str) -> int:
    return sum(word in rules.common for word in words_of(text))


def _head(line: str) -> str:
    if len(line) <= READ_CHARS:
        return line
    return line[: max(line.rfind(" ", 0, READ_CHARS), 0) or READ_CHARS]


def _to_the_end(intent: Intent, head: str, line: str) -> Intent | None:
    if intent.kind not in _GOES_ON or not intent.text or not tidy(head).endswith(intent.text):
        return None
    return replace(intent, text=line[head.rindex(intent.text) :])


def _in_language(rules: LanguageRules, text: str, heard: Heard) -> Intent | None:
    patterns = _patterns(rules.language, heard.agents)
    sentences = tuple(without_politeness(text, patterns.before, patterns.after))
    for read in (_read, _answer_to_nothing):
        for sentence in sentences:
            intent = read(rules, patterns, sentence, heard)
            if intent is not None:
                return intent
    found = _first(patterns.behind, text)
    return None if found is None else _intent(rules, *found, heard.agents)


def _read(rules: LanguageRules, patterns: _Patterns, sentence: str, heard: Heard) -> Intent | None:
    answer = _first(patterns.answers, sentence) if heard.pending else None
    if answer is not None:
        return _answer(rules, *answer)
    found = _first(patterns.rules, sentence)
    return None if found is None else _intent(rules, *found, heard.agents)


def _answer_to_nothing(
    rules: LanguageRules, patterns: _Patterns, sentence: str, heard: Heard
) -> Intent | None:
    """Only where no rule knows the sentence, however polite: "please cancel that" is an order."""
    answer = _first(patterns.answers, sentence)
    if answer is None or heard.asked or answer[0] is IntentKind.CHOICE:
        return None
    return _answer(rules, *answer)


def _first(patterns: Iterable[Rule], sentence: str) -> tuple[IntentKind, re.Match[str]] | None:
    for kind, pattern in patterns:
        match = pattern.fullmatch(sentence)
        if match is not None:
            return kind, match
    return None


def _answer(rules: LanguageRules, kind: IntentKind, match: re.Match[str]) -> Intent:
    place = match.groupdict().get("text")
    number = rules.numbers[place.lower()] if place else None
    name = tidy(match[0]) if kind is IntentKind.CHOICE and number is None else ""
    return Intent(kind=kind, language=rules.language, number=number, text=name)


def _intent(
    rules: LanguageRules, kind: IntentKind, match: re.Match[str], agents: AgentNames
) -> Intent:
    found = {name: tidy(value) for name, value in match.groupdict().items() if value}
    named = found.get("agent") or found.get("named")
    by_group = next((name for name in _MEMORIES if name in found), "")
    memory = rules.memories.get(found.get("memory", "").lower()) or _MEMORIES.get(by_group)
    if kind is IntentKind.REMEMBER:
        memory = memory or "note"
    return Intent(
        kind=kind,
        language=rules.language,
        text=found.get(by_group or "text", ""),
        agent=agents.meant(named) if named else None,
        memory=memory,
    )


@lru_cache(maxsize=64)
def _patterns(language: str, agents: AgentNames) -> _Patterns:
    rules = LANGUAGES[language]
    parts = {
        **rules.parts,
        "agent": agents.pattern,
        "proper": agents.proper_pattern,
        "not_about": ABOUT_AN_AGENT,
    }

    def compiled(table: Iterable[tuple[IntentKind, Sequence[str]]]) -> tuple[Rule, ...]:
        return tuple(
            (kind, re.compile(filled(pattern, parts), re.IGNORECASE))
            for kind, patterns in table
            for pattern in patterns
        )

    return _Patterns(
        before=re.compile(rules.before, re.IGNORECASE),
        after=re.compile(rules.after, re.IGNORECASE),
        answers=compiled(rules.pending),
        rules=compiled(rules.rules),
        behind=compiled(rules.behind),
    )
