"""What a file of a session's folder becomes, and the digest that shows that it arrived. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from aiwebhook.clock import rfc3339

Json = dict[str, Any]
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
EARLIER_PATH = "earlier"
"""In an artifact's metadata: its path in the folder that it came from. It says nothing of it."""
_COMPARED = {
    "chunk": ("format", "participants", "extracted_items", "metadata", "start_time", "end_time"),
    "memory": ("type", "tags"),
    "artifact": ("name", "type", "format", "metadata"),
}


class ItemKind(StrEnum):
    """What an item is in the deployment."""

    CHUNK = "chunk"
    """A piece of conversation."""
    MEMORY = "memory"
    """Something to be remembered."""
    ARTIFACT = "artifact"
    """A document, or a file that is kept as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderItem:
    """One thing to be written. `ids`: the id it gets, and the one where that is taken elsewhere;
    `content`: its bytes, or the JSON of a memory; `fields`: what else is sent.
    """

    path: str
    kind: ItemKind
    ids: tuple[str, ...]
    fields: Json
    content: bytes = field(repr=False)
    at: str = ""
    """When it was said, for the order."""

    @property
    def digest(self) -> str:
        """SHA-256 over content and fields, as `item_digest` reckons it for what arrived."""
        return item_digest(self.kind, self.fields, self.content)


def item_digest(kind: ItemKind, fields: Mapping[str, Any], content: bytes | str) -> str:
    """`content`: bytes, or their SHA-256 in hex. Times and numbers count by value."""
    told = content if isinstance(content, str) else hashlib.sha256(content).hexdigest()
    compared = {name: _by_value(fields.get(name) or None) for name in _COMPARED[kind]}
    for name in ("start_time", "end_time"):
        if name in compared:
            compared[name] = wire_time(compared[name])
    if isinstance(compared.get("metadata"), dict):
        about = cast("Json", compared["metadata"])
        compared["metadata"] = {n: v for n, v in about.items() if n != EARLIER_PATH} or None
    text = canonical_json({"kind": kind, "content": told, **compared})
    return hashlib.sha256(text).hexdigest()


def canonical_json(value: object) -> bytes:
    """The same bytes for the same value."""
    text = json.dumps(_by_value(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def wire_time(value: object) -> str | None:
    """An ISO 8601 time as the wire has it; without a zone it is UTC. None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        return rfc3339(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def wire_id(text: str, prefix: str, *within: str) -> str:
    """The id as it is where a deployment takes it, else one that is reckoned from it."""
    return text if _ID.fullmatch(text) else reckoned_id(prefix, *within, text)


def reckoned_id(prefix: str, *parts: str) -> str:
    """Always the same for the same parts: a repetition finds what an earlier run has written."""
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return f"{prefix}_{hashlib.sha256(told).hexdigest()[:32]}"


def _by_value(value: object) -> object:
    """3.0 and 3 are one number to a database."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _by_value(each) for name, each in cast("Json", value).items()}
    if isinstance(value, list | tuple):
        return [_by_value(each) for each in cast("list[object]", value)]
    return value
