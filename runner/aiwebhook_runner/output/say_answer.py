"""Which part of an agent's answer is spoken, and what we add."""

import contextlib
from collections.abc import Mapping

from aiwebhook.domain.say_text import LONGEST_CHARS, SENTENCES, cut, say_text, sentences
from aiwebhook_runner.jsons import NotJsonObject, decode_object


def say_of_answer(text: str) -> str:
    """Fit to be spoken; empty when there was only code; of a JSON object, its own summary."""
    with contextlib.suppress(NotJsonObject):
        text = answer_summary(decode_object(text.encode("utf-8", "replace")))
    return say_text(text)


def answer_summary(answer: Mapping[str, object]) -> str:
    """A structured answer's own summary; empty when it has none."""
    words = (answer.get(name) for name in ("say", "summary", "answer"))
    return next((word for word in words if isinstance(word, str) and word.strip()), "")


def followed_by(words: str, fact: str) -> str:
    """Both, short enough to be heard: the words may be cut, our fact is not."""
    if not fact:
        return words
    most = max(SENTENCES - sentences(fact), 0)
    before = cut(words, LONGEST_CHARS - len(fact) - 1, most) if most else ""
    return f"{before} {fact}".strip()
