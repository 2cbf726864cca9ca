"""A dictated sentence without what carries no meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "…": "...", "–": "-"})


def tidy(text: str) -> str:
    """One line, straight quotes, nothing at its ends."""
    return _SPACES.sub(" ", text.translate(_QUOTES)).strip(" \t\n\"'.,;:!?-")


def without_politeness(text: str, before: re.Pattern[str], after: re.Pattern[str]) -> Iterator[str]:
    """The text, and then ever less of it, without words of politeness in front and behind."""
    yield text
    for pattern in (after, before):
        while True:
            shorter = tidy(pattern.sub("", text, count=1))
            if not shorter or shorter == text:
                break
            text = shorter
            yield text


def words_of(text: str) -> list[str]:
    """Its words in small letters."""
    return re.findall(r"[\w']+", text.lower())
