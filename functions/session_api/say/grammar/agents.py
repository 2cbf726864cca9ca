"""The agents of a project by what people call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ARTICLE = "the "
_NOTHING = r"(?!)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNames:
    """`names`: the agent by each of its names, in small letters. `proper`: those that are names and
    no ordinary words, so that a sentence may begin with one."""

    names: tuple[tuple[str, str], ...] = ()
    proper: frozenset[str] = frozenset()

    @classmethod
    def of(cls, agents: Iterable[tuple[str, str, Iterable[str]]]) -> AgentNames:
        """From each agent's name, title and aliases. A title that begins with `the` is no proper
        name: the researcher. Where it only adds `agent` to the name, the name alone is an
        ordinary word: local.
        """
        names: dict[str, str] = {}
        proper: set[str] = set()
        for name, title, aliases in agents:
            bare = title.lower().removeprefix(_ARTICLE)
            is_proper = bare == title.lower()
            spoken = {bare, *map(_spoken, aliases)}
            if is_proper or bare != f"{name} agent":
                spoken.add(_spoken(name))
            for each in spoken:
                names.setdefault(each, name)
            if is_proper:
                proper |= spoken
        return cls(names=tuple(sorted(names.items())), proper=frozenset(proper))

    @property
    def pattern(self) -> str:
        """Any of the names, the longest first."""
        return _any(name for name, _ in self.names)

    @property
    def proper_pattern(self) -> str:
        """Any of the proper names."""
        return _any(self.proper)

    def meant(self, spoken: str) -> str | None:
        """The agent that somebody calls so, with an article or without."""
        return dict(self.names).get(_plain(spoken).removeprefix(_ARTICLE))


NOBODY = AgentNames()


def _spoken(name: str) -> str:
    return name.replace("_", " ").lower()


def _plain(spoken: str) -> str:
    return " ".join(re.sub(r"[^\w ]", " ", spoken.lower()).split())


def _any(names: Iterable[str]) -> str:
    known = sorted(names, key=lambda name: (-len(name), name))
    if not known:
        return _NOTHING
    return "(?:" + "|".join(re.escape(name).replace(r"\ ", "[ -]?") for name in known) + r")\b"
