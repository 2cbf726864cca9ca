"""Makes text fit to be spoken: short, without markup, code, URLs and control characters. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aiwebhook.domain.plain_text import plain_text

LONGEST_CHARS = 300
SENTENCES = 2
LOOKED_AT_CHARS = 20_000
"""Only the beginning is examined: text behind it would not fit into LONGEST_CHARS anyway."""

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

# Useless to a listener: field names, paths, code, ids, names of exceptions.
_UNSPEAKABLE = re.compile(
    r"[_{}\[\]<>|\\`*#=/@~^]|https?:"
    r"|\b(?=\w*\d)(?=\w*[a-f])[0-9a-f]{7,}\b"  # a hash
    r"|\b\w{30,}\b"
    r"|\b[A-Z]\w+(?:Error|Exception)\b"
)
LONGEST_SENTENCE = 160


def say_text(text: str) -> str:
    """At most SENTENCES within LONGEST_CHARS, cut at the end of a sentence if possible. Empty if
    the text is nothing but code.
    """
    visible = plain_text(text, limit=LOOKED_AT_CHARS)
    plain = _IMAGE.sub(" ", _FENCE.sub("\n", visible))
    plain = _ADDRESS.sub(_host, _LINK.sub(r"\1", plain))
    plain = _TAG.sub(" ", plain)
    lines = [_line(line) for line in plain.splitlines()]
    return cut(" ".join(_closed(line) for line in lines if line), LONGEST_CHARS)


def speakable_sentence(text: str) -> str | None:
    """The first sentence if it can be spoken as it is; None if it has a path, a field name, an id
    or the like.
    """
    line = " ".join(plain_text(text, limit=LOOKED_AT_CHARS).split())
    end = _SENTENCE_END.search(line)
    sentence = line[: end.end()] if end else line
    if not any(c.isalpha() for c in sentence) or len(sentence) > LONGEST_SENTENCE:
        return None
    if _UNSPEAKABLE.search(sentence):
        return None
    return capitalized(sentence if sentence[-1] in ".!?…" else f"{sentence.rstrip(_CLOSING)}.")


def capitalized(text: str) -> str:
    """The text with its first letter capitalized, the rest unchanged."""
    return text[:1].upper() + text[1:]


def sentences(text: str) -> int:
    """The number of sentences; a last one without punctuation counts too."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    rest = text[ends[-1] if ends else 0 :].strip(" \"')]")
    return len(ends) + bool(rest)


def cut(text: str, longest: int, most: int = SENTENCES) -> str:
    """The first `most` sentences, within `longest` characters."""
    ends = [m.end() for m in _SENTENCE_END.finditer(text)][:most]
    if len(ends) == most:
        text = text[: ends[-1]]
    if len(text) <= longest:
        return text
    fitting = [end for end in ends if end <= longest]
    if fitting:
        return text[: fitting[-1]]
    return text[: longest - 2].rpartition(" ")[0].rstrip(_CLOSING) + " …"


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
