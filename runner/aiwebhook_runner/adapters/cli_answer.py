"""The final text of a command-line agent: as a Result, as JSON, as something to be spoken."""

import json
import re
from typing import cast

from aiwebhook_runner.adapters.cli_json import as_text
from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object
from aiwebhook_runner.messages import Result

MAX_SAY_CHARS = 300
MAX_TRIES = 200
"""Opening braces looked at in a text that should hold one JSON object."""

_CODE_BLOCK = re.compile(r"```.*?(```|\Z)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://([^\s/?#:)\]>\"']+)[^\s)\]>\"']*")
_MARKS = re.compile(
    r"[`~|]+"
    r"|\*{1,3}(?=\S)|(?<=\S)\*{1,3}"
    r"|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)"
    r"|^[ \t]*(#{1,6}|[-+*>]|\d+[.)])[ \t]+",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")


def answer(text: str) -> Result:
    """The answer in words; a schema's fields are added by whoever knows the schema."""
    return Result(output={"text": text}, say=spoken(text) or None)


def object_in(text: str) -> JsonObject | None:
    """The JSON object that the text is or contains, the last and outermost one; None without."""
    whole = _decoded(text.strip())
    if whole is not None:
        return whole
    decoder = json.JSONDecoder()
    found: JsonObject | None = None
    at = text.find("{")
    for _ in range(MAX_TRIES):
        if at < 0:
            break
        end = at + 1
        try:
            value, end = cast("tuple[object, int]", decoder.raw_decode(text, at))
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            found = _decoded(text[at:end]) or found
        at = text.find("{", end)
    return found


def spoken(text: str) -> str:
    """The first sentences, at most MAX_SAY_CHARS, without marks, code and long addresses. Of an
    answer in JSON its own `say` or `summary`, else nothing."""
    structured = _decoded(text.strip())
    if structured is not None:
        text = as_text(structured.get("say")) or as_text(structured.get("summary"))
    plain = _CODE_BLOCK.sub(" ", text[: 20 * MAX_SAY_CHARS])
    plain = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", plain))
    plain = " ".join(_MARKS.sub("", plain).split())
    if len(plain) <= MAX_SAY_CHARS:
        return plain
    head = plain[: MAX_SAY_CHARS - 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    return head[: ends[-1]] if ends else head.rpartition(" ")[0] + "…"


def _decoded(text: str) -> JsonObject | None:
    try:
        return decode_object(text.encode("utf-8", "replace"))
    except NotJsonObject:
        return None
