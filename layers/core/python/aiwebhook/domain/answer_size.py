"""How much fits into one answer. Pure.

A Lambda function hands its answer over as JSON with the body as one text in it, of at most 6 MB: so
what counts is the body as it is escaped there once more. An answer that is larger is lost whole,
after the work was done.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeVar

ANSWER_LIMIT = 6 * 1024 * 1024
ROOM = 5 * 1024 * 1024
"""For what an answer is about; the rest is for the envelope and the headers."""
CONTENT_LIMIT = 3 * 1024 * 1024
"""Bytes of one content in an answer; what is larger is fetched from the blob store."""

Row = TypeVar("Row")


def compact(value: object) -> str:
    """The value as JSON without spaces, as answers carry it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def json_chars(value: object) -> int:
    """Characters of the value as JSON."""
    return len(compact(value))


def answer_bytes(value: object) -> int:
    """Bytes that the JSON value takes in an answer."""
    body = compact(value)
    return len(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def fitting(rows: Sequence[Row], room: int = ROOM) -> list[Row]:
    """The first rows, as many as fit; one at least."""
    kept: list[Row] = []
    for row in rows:
        room -= answer_bytes(row)
        if kept and room < 0:
            break
        kept.append(row)
    return kept
