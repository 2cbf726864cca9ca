"""The JSON edge: parses untrusted bytes, encodes what our API accepts."""

import json
from typing import TypeAlias

from aiwebhook.domain.notes import Notes
from aiwebhook.domain.report_json import read_object
from aiwebhook.domain.storable import storable_text as cleaned_text
from aiwebhook.errors import NotJson

JsonObject: TypeAlias = dict[str, object]

__all__ = ["JsonObject", "NotJsonObject", "cleaned_text", "decode_object", "encode"]


class NotJsonObject(ValueError):
    """The bytes are not one JSON object; the message says why."""


def decode_object(raw: bytes, notes: Notes | None = None) -> JsonObject:
    """The JSON object in `raw`, storable: one odd byte must not lose a result. Changes are
    noted. Raises NotJsonObject.
    """
    try:
        return read_object(raw, Notes() if notes is None else notes)
    except NotJson as exc:
        raise NotJsonObject(exc.detail) from exc


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
