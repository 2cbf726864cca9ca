"""What of an agent's answer is said aloud, and what we add to it."""

import contextlib
from collections.abc import Mapping

from aiwebhook.domain.say_text import LONGEST_CHARS, SENTENCES, cut, say_text, sentences
from aiwebhook_runner.jsons import NotJsonObject, decode_object


def say_of_answer(text: str) -> str:
    """Fit to be spoken; empty when nothing but code was said, of a JSON object its own
    words for it."""
    with contextlib.suppress(NotJsonObject):
        text = answer_summary(decode_object(text.encode("utf-8", "replace")))
    return say_text(text)


def answer_summary(answer: Mapping[str, object]) -> str:
    """What a structured answer says of itself; empty when it says nothing."""
    words = (answer.get(name) for name in ("say", "summary", "answer"))
    return next((word for word in words if isinstance(word, str) and word.strip()), "")


def followed_by(words: str, fact: str) -> str:
    """Both as long as one hears: the words may be cut, a fact of ours is not."""
    if not fact:
        return words
    most = max(SENTENCES - sentences(fact), 0)
    before = cut(words, LONGEST_CHARS - len(fact) - 1, most) if most else ""
    return f"{before} {fact}".strip()
