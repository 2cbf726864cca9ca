"""JSON from strangers: UTF-8, no surprises, whatever is sent.

Depth is measured before parsing, so that no nesting reaches the parser's own limit. Numbers
that no column holds are read as infinity, which the validation of commands then refuses by
the field's name.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, cast

from aiwebhook.errors import FieldError, Invalid, NotJson

MAX_DEPTH = 64
"""Levels of objects and arrays. A report may have more: what lies deeper is kept as JSON text."""
MAX_DIGITS = 1_000
"""Of an integer. Python parses at most 4,300, so a longer one could be stored and never read."""
_BOM = b"\xef\xbb\xbf"
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def parse_object(body: bytes) -> dict[str, Any]:
    """The one JSON object in `body`. Raises NotJson; Invalid for duplicate keys and
    too deep nesting.
    """
    value = parse_value(body)
    if not isinstance(value, dict):
        raise NotJson(f"The body is {_kind(value)}, not an object.")
    return cast("dict[str, Any]", value)


def parse_value(body: bytes) -> Any:  # noqa: ANN401 any JSON
    """The one JSON value in `body`. Raises as parse_object does."""
    if not body.strip():
        raise NotJson("The body is empty.")
    body = body.removeprefix(_BOM)  # RFC 8259 §8.1 lets a reader pass over it
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise NotJson(f"The body is not UTF-8 at byte {exc.start}.") from exc
    _check_depth(body)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as exc:
        # The exception's own message is a constant; the document it carries is not repeated.
        raise NotJson(f"The body is not JSON: {exc.msg} at character {exc.pos}.") from exc


def _check_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRUCTURE.finditer(body):
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise Invalid(
                    f"The body is nested more than {MAX_DEPTH} deep.",
                    code="too_deep",
                    remedy=f"Send at most {MAX_DEPTH} levels of objects and arrays.",
                )
        elif token in (b"]", b"}"):
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        name = twice[:100].encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
        error = FieldError(pointer="", message=f"has the field {name!r} twice")
        raise Invalid(
            "An object of the body has the same field twice.",
            code="duplicate_field",
            errors=(error,),
        )
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _constant(_name: str) -> NoReturn:
    raise NotJson("The body is not JSON: it holds NaN or Infinity.")


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "an array"
    return "null" if value is None else "a single value"
