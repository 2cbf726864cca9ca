"""Which of some things somebody means by a few words."""

from __future__ import annotations

from collections.abc import Sequence

from session_api.say.grammar.languages import LANGUAGES
from session_api.say.grammar.text import words_of
from session_api.say.state import Thing

_ENOUGH = 0.5


def tell_tale(text: str, language: str) -> list[str]:
    """The words of a name that tell one thing from another, in small letters."""
    noise = LANGUAGES[language].noise
    return [word for word in words_of(text) if word not in noise]


def names_nothing(text: str, language: str) -> bool:
    """Whether the words stand for the thing spoken of: it, that, the task."""
    empty = LANGUAGES[language].empty_targets
    return all(word in empty for word in tell_tale(text, language))


def names_all(text: str, language: str) -> bool:
    """Whether everything is meant."""
    return any(word in LANGUAGES[language].all_of_them for word in words_of(text))


def things_named(text: str, newest_first: Sequence[Thing], language: str) -> list[Thing]:
    """As `fitting`, and the newest where the words say so: the last one, the latest task."""
    words = tell_tale(text, language)
    if words and all(word in LANGUAGES[language].newest for word in words):
        return list(newest_first[:1])
    return best_matches(text, newest_first, language)


def best_matches(text: str, things: Sequence[Thing], language: str) -> list[Thing]:
    """Those that fit best; several when they fit equally well, none when none fits well enough."""
    wanted = tell_tale(text, language)
    if not wanted:
        return []
    scores = [_score(wanted, thing, language) for thing in things]
    best = max(scores, default=0.0)
    if best < _ENOUGH:
        return []
    return [thing for thing, score in zip(things, scores, strict=True) if score == best]


def _score(wanted: Sequence[str], thing: Thing, language: str) -> float:
    """The share of the words that occur in its name, as they are or as the beginning of a word."""
    name = tell_tale(thing.title.replace("_", " "), language)
    hits = sum(any(_alike(word, other) for other in name) for word in wanted)
    return hits / len(wanted)


def _alike(one: str, other: str) -> bool:
    """Speech and writing differ at the ends of words: test, tests, testing."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(shorter) >= 4 and longer.startswith(shorter))
