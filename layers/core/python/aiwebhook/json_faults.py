"""Why a body is not JSON, where it looks like JSON: in words that say what to change.

Nothing of the body is quoted but its own punctuation.
"""

from __future__ import annotations

import json
import re

_TEXT = r'"(?:[^"\\]|\\.)*"'
_FAULTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"[\u201c\u201d\u201e\u00ab\u00bb]"),
        "typographic quotes around names or text",
        'Write straight quotes (") around every name and text.',
    ),
    (
        re.compile(r"(?:^|[{\[,:])\s*'"),
        "single quotes around names or text",
        'Write double quotes (") around every name and text.',
    ),
    (
        re.compile(r"//|/\*|^\s*#", re.MULTILINE),
        "a comment",
        "Leave comments out: JSON has none.",
    ),
    (
        re.compile(r",\s*[}\]]"),
        "a comma before a closing bracket",
        "Leave out the comma before } or ].",
    ),
    (
        re.compile(r"[:,\[]\s*[-+]?(?:NaN|Infinity|undefined)\b"),
        "NaN, Infinity or undefined",
        "Send a number or null instead, or leave the field out.",
    ),
    (
        re.compile(r"[:,\[]\s*(?:True|False|None)\b"),
        "True, False or None",
        "Write true, false and null in small letters.",
    ),
    (
        re.compile(r"[{,]\s*[A-Za-z_]\w*\s*:"),
        "a field name without quotes",
        'Write double quotes (") around every field name.',
    ),
)
_STRINGS = re.compile(_TEXT, re.DOTALL)


def json_fault(body: bytes) -> tuple[str, str] | None:
    """What is wrong, and what to do; None where nothing better can be said than the parser says."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    start = text.find("{")
    if start < 0:
        return None
    before = text[:start].strip("\ufeff \t\r\n")
    if before and not before.startswith(("[", '"', "/", "#")):
        return (
            f"The body has text before the JSON object, which begins at character {start}.",
            "Send the JSON object alone: no words before or behind it, no Markdown.",
        )
    bare = _STRINGS.sub('""', text[:200_000])
    for pattern, what, remedy in _FAULTS:
        if pattern.search(bare):
            return f"The body is not JSON: it holds {what}.", remedy
    if before.startswith("["):
        return (
            "The body is an array, not an object.",
            "Send one object; several commands go into one batch command.",
        )
    return _behind(text.lstrip())


def _behind(text: str) -> tuple[str, str] | None:
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not text[end:].strip():
        return None
    return (
        f"There is text after the JSON object, which ends at character {end}.",
        "Send the JSON object alone; several commands go into one batch command.",
    )
