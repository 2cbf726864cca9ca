"""Makes what a program printed fit to be kept: PostgreSQL holds neither NUL nor lone
surrogates nor NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

_DEEPEST = (
    200  # levels; deeper nesting is replaced by its text, so that nobody's recursion ends a result
)


def storable_text(text: str) -> str:
    """The text with U+FFFD for what cannot be kept."""
    clean = text.replace("\x00", "\ufffd")
    if clean.isascii():
        return clean
    try:
        clean.encode("utf-8")
    except UnicodeEncodeError:
        # Two surrogates that belong together are one character; only lone ones are lost.
        return clean.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return clean


def storable(value: object, *, clean: Callable[[str], str] = storable_text, depth: int = 0) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The JSON value with every text cleaned, names too; NaN and infinities become null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if depth >= _DEEPEST:
        return "(nested too deeply)" if isinstance(value, (dict, list, tuple)) else value
    if isinstance(value, Mapping):
        items = cast(Mapping[object, object], value).items()
        return {
            clean(str(key)): storable(item, clean=clean, depth=depth + 1) for key, item in items
        }
    if isinstance(value, (list, tuple)):
        items = cast(Sequence[object], value)
        return [storable(item, clean=clean, depth=depth + 1) for item in items]
    return value
