"""Reads the JSON of reports and of agents: whatever is one object is read, never refused.

The counterpart of `strict_json`, which helps a caller to correct a request. Here nobody corrects
anything: the work is done and paid for. What cannot be kept is repaired, and noted.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any, cast

from aiwebhook.domain.notes import Notes
from aiwebhook.domain.repair import MAX_DEPTH, MAX_DIGITS, repaired
from aiwebhook.errors import NotJson

_BOM = "\ufeff"
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read_object(raw: bytes, notes: Notes) -> dict[str, Any]:
    """The JSON object in `raw`, storable. Raises NotJson."""
    return repaired(parse_report(raw, notes), notes, "")


def parse_report(raw: bytes, notes: Notes) -> dict[str, Any]:
    """The JSON object in `raw`, for `repaired`: a byte that is not UTF-8 is a lone surrogate,
    NaN is itself. A name given twice, raw control characters and nesting without end are no
    obstacle. Raises NotJson.
    """
    text = raw.decode("utf-8", "surrogateescape").removeprefix(_BOM)
    try:
        value = json.loads(
            _flattened(text, notes),
            strict=False,
            object_pairs_hook=partial(_object, notes),
            parse_int=partial(_integer, notes),
        )
    except json.JSONDecodeError as exc:
        raise NotJson(f"The body is not JSON: {exc.msg} at character {exc.pos}.") from exc
    except RecursionError as exc:  # brackets that are never closed; all others were flattened
        raise NotJson("The body is not JSON: its brackets are not closed.") from exc
    if not isinstance(value, dict):
        raise NotJson("The body is not a JSON object.")
    return cast("dict[str, Any]", value)


def _flattened(text: str, notes: Notes) -> str:
    """What lies deeper than 64 levels becomes a string of its own text, before anything
    recurses into it.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return text
    pieces: list[str] = []
    depth = start = done = 0
    for match in _STRUCTURE.finditer(text):
        if match[0] in ("[", "{"):
            depth += 1
            if depth == MAX_DEPTH + 1:
                start = match.start()
        elif match[0] in ("]", "}"):
            depth -= 1
            if depth == MAX_DEPTH:
                pieces += (text[done:start], json.dumps(text[start : match.end()]))
                done = match.end()
    if pieces:
        notes.add("", f"What was nested deeper than {MAX_DEPTH} levels is kept as text.")
    return "".join((*pieces, text[done:]))


def _object(notes: Notes, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        notes.add("", "An object had a name twice; the last value counts.")
    return value


def _integer(notes: Notes, digits: str) -> int | str:
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    notes.add("", f"A number of {len(digits)} digits is kept as text.")
    return digits
