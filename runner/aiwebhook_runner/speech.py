"""A model's text made fit to be spoken: no marks, no code, no address, no more than a breath."""

import contextlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiwebhook.domain.plain_text import plain_text
from aiwebhook_runner.jsons import NotJsonObject, decode_object

LONGEST_CHARS = 300
LOOKED_AT_CHARS = 20_000
"""What comes later is not reached within a breath."""

_FENCE = re.compile(r"(?ms)^[ \t]*(```|~~~).*?(?:^[ \t]*\1[^\n]*$|\Z)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ADDRESS = re.compile(r"<?\bhttps?://[^\s<>)\]]+>?", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_LINE_MARK = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)+"
)
_RULE = re.compile(r"^[ \t]*(?:[-*_=][ \t]*){3,}$")
_EMPHASIS = re.compile(r"(\*{1,3}|~~|__)(?=\S)(.+?)(?<=\S)\1")
_SENTENCE_END = re.compile(r"[.!?…](?=[\"')\]]*(?:\s|$))")
_CLOSING = ".!?…:;,"


def spoken(text: str) -> str:
    """At most LONGEST_CHARS, cut after a sentence where there is one. Empty when nothing but code
    was said; of a JSON object its own words for it."""
    with contextlib.suppress(NotJsonObject):
        text = own_words(decode_object(text.encode("utf-8", "replace")))
    plain = _IMAGE.sub(" ", _FENCE.sub("\n", plain_text(text, limit=LOOKED_AT_CHARS)))
    plain = _ADDRESS.sub(_host, _LINK.sub(r"\1", plain))
    plain = _TAG.sub(" ", plain)
    lines = [_line(line) for line in plain.splitlines()]
    return _cut(" ".join(_closed(line) for line in lines if line), LONGEST_CHARS)


def own_words(answer: Mapping[str, object]) -> str:
    """What a structured answer says of itself; empty when it says nothing."""
    words = (answer.get(name) for name in ("say", "summary", "answer"))
    return next((word for word in words if isinstance(word, str) and word.strip()), "")


def followed_by(words: str, fact: str) -> str:
    """Both within LONGEST_CHARS: the words may be cut, a fact of ours is not."""
    return f"{_cut(words, LONGEST_CHARS - len(fact) - 1)} {fact}".strip() if fact else words


def _host(match: re.Match[str]) -> str:
    address = match.group().strip("<>")
    tail = address[len(address.rstrip(".,;:!?")) :]
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") + tail


def _line(line: str) -> str:
    if _RULE.match(line) or line.strip().startswith("|"):
        return ""
    line = _LINE_MARK.sub("", line)
    line = _EMPHASIS.sub(r"\2", line).replace("`", "")
    return " ".join(line.split())


def _closed(line: str) -> str:
    return line if line[-1] in _CLOSING else line + "."


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    ends = [m.end() for m in _SENTENCE_END.finditer(text, 0, longest)]
    if ends:
        return text[: ends[-1]]
    return text[: longest - 2].rpartition(" ")[0].rstrip(_CLOSING) + " …"
