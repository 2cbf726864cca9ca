"""What the files of a session's folder hold, as the store answers it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, cast

from aiwebhook.json_store.stored_session import number_in, time_in
from aiwebhook.ports.blobs import INLINE_LIMIT
from aiwebhook.ports.command_rows import Content
from aiwebhook.ports.content_rows import MemoryRow
from aiwebhook.session_folder.earlier_format import (
    DamagedError,
    chunk_told,
    file_object,
    memory_told,
)
from aiwebhook.session_folder.folder_item import reckoned_id, wire_id

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkHead:
    """A piece of conversation without its text. `seq`: None where the earlier system wrote it."""

    path: str
    chunk_id: str
    seq: int | None
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChunk:
    """A piece of conversation."""

    chunk_id: str
    content: Content
    raw: bytes
    format: str
    start_time: datetime | None
    end_time: datetime | None
    participants: Sequence[str]
    extracted_items: Any
    metadata: Json
    created_at: datetime


def content_of(raw: bytes) -> Content:
    """As `commands.content.place_bytes` places it: text inline up to the limit."""
    if len(raw) <= INLINE_LIMIT and b"\0" not in raw:
        try:
            return Content(text=raw.decode("utf-8"), sha256=None, size=len(raw))
        except UnicodeDecodeError:
            pass
    return Content(text=None, sha256=hashlib.sha256(raw).digest(), size=len(raw))


def chunk_head_in(path: str, raw: bytes, _written_at: datetime) -> ChunkHead:
    """Raises DamagedError."""
    found = file_object(raw)
    item = chunk_told(found, inner_path(path))
    return ChunkHead(path=path, chunk_id=item.ids[0], seq=number_in(found, "seq"), at=item.at)


def chunk_in(path: str, raw: bytes, written_at: datetime) -> KeptChunk:
    """Raises DamagedError."""
    found = file_object(raw)
    item = chunk_told(found, inner_path(path))
    return KeptChunk(
        chunk_id=item.ids[0],
        content=content_of(item.content),
        raw=item.content,
        format=item.fields["format"],
        start_time=time_in(item.fields, "start_time"),
        end_time=time_in(item.fields, "end_time"),
        participants=item.fields["participants"],
        extracted_items=item.fields["extracted_items"],
        metadata=item.fields["metadata"],
        created_at=time_in(found, "created_at", "timestamp") or written_at,
    )


def memory_in(path: str, raw: bytes, written_at: datetime) -> MemoryRow:
    """Raises DamagedError."""
    found = file_object(raw)
    item = memory_told(found, inner_path(path))
    source = found.get("source")
    return MemoryRow(
        key=item.ids[0],
        type=item.fields["type"],
        content=item.fields["content"],
        tags=item.fields["tags"],
        version=number_in(found, "version") or 1,
        source=cast("Json", source) if isinstance(source, dict) else None,
        created_at=time_in(found, "created_at", "timestamp") or written_at,
    )


def meta_in(_path: str, raw: bytes, _written_at: datetime) -> Json:
    """Raises DamagedError."""
    return file_object(raw)


def inner_path(path: str) -> PurePosixPath:
    """Within the session's folder."""
    return PurePosixPath(path.partition("/")[2])


def file_name(name: str, prefix: str, suffix: str, taken: Sequence[str]) -> str:
    """Of a new file for a thing of this name. `taken`: names that hold something else already, also
    where the disk takes capitals and small letters for the same.
    """
    others = {each.lower() for each in taken}
    plain = f"{wire_id(name, prefix)}{suffix}"
    return plain if plain.lower() not in others else f"{reckoned_id(prefix, name)}{suffix}"


def lines_in(raw: bytes) -> Iterator[Json | None]:
    """Of a file with an object on each line; None for a line that is none."""
    for line in raw.splitlines():
        try:
            yield file_object(line)
        except DamagedError:
            yield None
