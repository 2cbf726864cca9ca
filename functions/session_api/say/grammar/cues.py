"""What a sentence means that no rule reads from end to end: by the cues found in it.

Each cue that is found gives points to one kind; the kind with most of them, and with enough, is
meant. An order to work or to cancel needs more: nothing may speak against its being one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from session_api.say.grammar.agents import AgentNames
from session_api.say.grammar.intent import Intent, IntentKind
from session_api.say.grammar.language_rules import LanguageRules, filled
from session_api.say.grammar.languages import LANGUAGES
from session_api.say.grammar.text import tidy

ENOUGH = 4
"""So many points make a meaning."""
_ORDERS = frozenset({IntentKind.STOP, IntentKind.DELEGATE, IntentKind.REPLY})
_BETTER = {
    IntentKind.RECALL: frozenset({IntentKind.NEWS}),
    IntentKind.DELEGATE: frozenset({IntentKind.STOP}),
}
"""What the cues may make of a sentence that the rules take for something more general."""
CALLED, NAMED, SOME = "\u16a0", "\u16a2", "\u16a6"
"""Letters nobody dictates: an agent by name, by name with an article, agents without a name."""
_MARKS = str.maketrans(dict.fromkeys((CALLED, NAMED, SOME, "@", "&"), " "))
_STOPS = re.compile(r"[.!?;:]+(?= |$)")
_Row = tuple[int, tuple[re.Pattern[str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    """The cues of a language for the agents of a project."""

    agents: re.Pattern[str]
    nobody: re.Pattern[str]
    corrections: re.Pattern[str]
    points: Mapping[IntentKind, tuple[_Row, ...]]
    gives_up: tuple[re.Pattern[str], ...]
    never: tuple[re.Pattern[str], ...]
    no_order: tuple[re.Pattern[str], ...]


def read_cues(
    text: str, read: Intent | None, *, rules: LanguageRules, agents: AgentNames
) -> Intent | None:
    """What the cues make of it.

    `read` is what the rules made of it: it stays, unless it is too general, an order to work that
    says to stop, or no order at all.
    """
    if read is not None and read.kind not in _BETTER:
        return read
    compiled = _compiled(rules.language, agents)
    line, named = _marked(text, compiled, agents)
    kind = _kind(line, compiled)
    if IntentKind.DELEGATE in (kind, read.kind if read else None):
        if any(each.search(line) for each in compiled.never):
            return None
        gives_up = any(each.search(line) for each in compiled.gives_up)
        kind = IntentKind.STOP if gives_up else kind
        if read is not None and not gives_up:
            return _named(read, kind, named)
    if kind is None or (read is not None and kind not in _BETTER[read.kind]):
        return read
    return _intent(text, line, kind, rules, named)


def _named(read: Intent, kind: IntentKind | None, named: tuple[str, ...]) -> Intent:
    """The order of a rule, with the agent that the cues know of."""
    if read.agent is None and kind is IntentKind.DELEGATE and len(named) == 1:
        return replace(read, agent=named[0])
    return read


def _intent(
    text: str, line: str, kind: IntentKind, rules: LanguageRules, named: tuple[str, ...]
) -> Intent:
    agent = named[0] if named and kind in {*_ORDERS, IntentKind.NEWS} else None
    if kind in {IntentKind.DELEGATE, IntentKind.REMEMBER, IntentKind.REPLY}:
        said = text
    else:
        said = "" if agent else _topic(line, rules.noise | rules.common)
    memory = "note" if kind is IntentKind.REMEMBER else None
    return Intent(kind=kind, language=rules.language, text=said, agent=agent, memory=memory)


def _marked(text: str, compiled: _Compiled, agents: AgentNames) -> tuple[str, tuple[str, ...]]:
    """The sentence after its last correction, its agents as marks; and who they are."""
    tail = compiled.corrections.split(text)[-1]
    plain = _STOPS.sub(" ,", tidy(tail or text).translate(_MARKS)).replace(",", " , ")
    found = [agents.meant(match["name"]) for match in compiled.agents.finditer(plain)]
    marked = compiled.agents.sub(lambda match: NAMED if match["article"] else CALLED, plain)
    marked = compiled.nobody.sub(SOME, marked)
    return " ".join(marked.split()), tuple(name for name in found if name)


def _kind(line: str, compiled: _Compiled) -> IntentKind | None:
    refused = any(pattern.search(line) for pattern in compiled.no_order)
    best, most = None, ENOUGH - 1
    for kind, rows in compiled.points.items():
        if refused and kind in _ORDERS:
            continue
        points = sum(row[0] for row in rows if all(each.search(line) for each in row[1]))
        if points > most:
            best, most = kind, points
    return best


def _topic(line: str, noise: frozenset[str]) -> str:
    words = [word for word in re.findall(r"[\w'-]+", line) if word.lower() not in noise]
    return " ".join(words)


@lru_cache(maxsize=64)
def _compiled(language: str, agents: AgentNames) -> _Compiled:
    cues = LANGUAGES[language].cues
    name = agents.pattern.removesuffix(r"\b")

    def pattern(text: str) -> re.Pattern[str]:
        marked = filled(text, cues.parts).replace("@", f"[{CALLED}{NAMED}]").replace("&", SOME)
        return re.compile(marked, re.IGNORECASE)

    return _Compiled(
        agents=pattern(rf"\b(?P<article>(?:{cues.articles}) )?(?P<name>{name})(?:'?s)?\b"),
        nobody=pattern(cues.agents),
        corrections=pattern(cues.corrections),
        points={
            kind: tuple((row[0], tuple(pattern(each) for each in row[1:])) for row in rows)
            for kind, rows in cues.points.items()
        },
        gives_up=tuple(pattern(each) for each in cues.gives_up),
        never=tuple(pattern(each) for each in cues.never),
        no_order=tuple(pattern(each) for each in cues.no_order),
    )
