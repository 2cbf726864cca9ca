"""The form of a language's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from session_api.say.grammar.intent import IntentKind

ABOUT_AN_AGENT = (
    r"(?!(?:is|isn't|was|wasn't|has|hasn't|did|didn't|does|doesn't|said|says|told|found|finds|asked"
    r"|asks|wants|wanted|are|were|had|will|would|might|may|looks|seems|broke|failed|made|makes|used"
    r"|never|always|really|just|and|or|ist|war|hat|hatte|sagt|sagte|meint|meinte|fand|findet|fragt"
    r"|fragte|will|wollte|wird|wurde|sind|haben|bringt|scheint|und|oder|macht|machte|kostet|kann"
    r"|konnte|funktioniert|arbeitet|braucht|läuft)\b|(?:the|my|our|der|die|das|mein|unser)e? \w+,)"
)
"""What comes behind an agent's name in a sentence that speaks of it and gives it no work."""

_PART = re.compile(r"\{([a-z_]+)\}")


def filled(pattern: str, parts: Mapping[str, str]) -> str:
    """With its parts, and the parts of these."""
    while True:
        whole = _PART.sub(lambda part: parts[part[1]], pattern)
        if whole == pattern:
            return whole
        pattern = whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What tells the kind of a sentence wherever it stands in it.

    A row of `points` is a number and the patterns that must all be found for it. In the sentence
    `@` stands for an agent that is named, `&` for agents that are not.
    """

    parts: Mapping[str, str]
    articles: str
    agents: str
    """Agents without a name: one of the agents, whoever is free."""
    corrections: str
    """What takes back everything before it: no wait."""
    points: Mapping[IntentKind, tuple[tuple[int, *tuple[str, ...]], ...]]
    gives_up: tuple[str, ...]
    """What an agent is told to do that is no work: to lay it down."""
    never: tuple[str, ...]
    """Where one of these is found, no work is given, whatever a rule says."""
    no_order: tuple[str, ...]
    """Where one of these is found, the sentence is no order to work or to cancel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRules:
    """The patterns of one language, each for a whole sentence.

    Groups: `text`; `agent`, or `named` where a pattern has two places for one; `memory`, the name
    of a memory type; `decided`, `todo` and `preferred` are a text and the type of the memory at
    once. In braces stand a part of the table, which may hold others, `{agent}` or `{proper}` (any
    name, any proper name of an agent), or `{not_about}` (ABOUT_AN_AGENT).
    """

    language: str
    before: str
    """Words at the beginning that mean nothing: please, hey, could you."""
    after: str
    """And at the end."""
    common: frozenset[str]
    """Words by which the language is told from the other."""
    parts: Mapping[str, str]
    pending: tuple[tuple[IntentKind, tuple[str, ...]], ...]
    """Answers to a question of ours."""
    numbers: Mapping[str, int]
    """Words for one of several: 1 the first, -1 the last."""
    memories: Mapping[str, str]
    """Memory types by what people call them."""
    rules: tuple[tuple[IntentKind, tuple[str, ...]], ...]
    """In the order in which they are tried."""
    behind: tuple[tuple[IntentKind, tuple[str, ...]], ...]
    """Where something else is said first: tried on what no other rule knows, else the politeness in
    front would count as part of the work."""
    cues: Cues
    """Tried on what no rule knows."""
    empty_targets: frozenset[str]
    """What means the thing spoken of: it, that, the task."""
    all_of_them: frozenset[str]
    """What means everything there is."""
    newest: frozenset[str]
    """What means the one that was made last: last, latest."""
    noise: frozenset[str]
    """Words of a name that tell no task from another: the, task, job."""
