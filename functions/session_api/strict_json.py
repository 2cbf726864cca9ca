"""A request body as one JSON object, refused where readers could disagree about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from aiwebhook.errors import NotJson, TooLarge, UnsupportedMedia

MAX_BODY = 4_718_592  # 4.5 MiB: what Lambda's 6 MB event holds in base64
_TYPES = frozenset({"", "application/json"})


def read_json_object(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The object; {} for an empty body. Raises NotJson, TooLarge, UnsupportedMedia."""
    if len(body) > MAX_BODY:
        raise TooLarge(f"The body has {len(body):,} bytes; at most {MAX_BODY:,} are taken.")
    if not body.strip():
        return {}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES and not kind.endswith("+json"):
        raise UnsupportedMedia(f"The content type {kind[:100]!r} is not read here.")
    try:
        document: object = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as exc:
        raise NotJson(f"The body is not JSON: {_reason(exc)}.") from exc
    if not isinstance(document, dict):
        raise NotJson("The body is JSON, but no object.")
    return cast("dict[str, Any]", document)


class _Twice(ValueError):
    """A name is given twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise _Twice("a field is given twice")
    return document


def _no_constant(name: str) -> float:
    raise _Twice(f"{name} is no JSON number")


def _reason(exc: BaseException) -> str:
    if isinstance(exc, json.JSONDecodeError):
        return f"{exc.msg} at line {exc.lineno}, column {exc.colno}"
    if isinstance(exc, _Twice):
        return str(exc)
    return "it is nested too deeply" if isinstance(exc, RecursionError) else "it is not UTF-8"
