# reason: one format, read whole by a migration and file by file by the JSON store
"""The earlier system's folder of a session, as what it becomes in a deployment. Pure.

`session.json` is the session, `conversation/chunk_….json` its conversation, `memories/….json` its
memories, `artifacts/…` its artifacts with `<id>_meta.json`. Every other file, and every file with
fields that have no place there, is kept as it is: an artifact of type `original` under its path.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, cast

from aiwebhook.domain.plain_text import plain_line
from aiwebhook.session_folder.folder_item import (
    EARLIER_PATH,
    FolderItem,
    ItemKind,
    canonical_json,
    reckoned_id,
    wire_id,
    wire_time,
)
from aiwebhook.session_folder.session_files import SESSION_FILE, NotTaken, SessionFolder

Json = dict[str, Any]
ORIGINAL = "original"
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,99}/[A-Za-z0-9][\w.+-]{0,99}")
META = "_meta.json"
_UTF8 = ("utf-8", "surrogatepass")
_FORMATS = frozenset({"dialogue", "summary", "transcript"})
_STATUSES = frozenset({"active", "paused", "completed"})
_MEMORY_TYPES = frozenset(
    "idea decision question action_item fact note context preference risk".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSession:
    """What a folder holds. `fields`: of the session; `items`: in the order in which they go."""

    session_id: str
    status: str
    fields: Json
    items: list[FolderItem] = field(default_factory=list[FolderItem])
    skipped: list[NotTaken] = field(default_factory=list[NotTaken])


class DamagedError(Exception):
    """A file holds something else: the reason, as a sentence goes on after the name."""


def read_earlier(folder: SessionFolder) -> EarlierSession | NotTaken:
    """The session with everything in it; NotTaken where `session.json` itself is damaged."""
    try:
        found = file_object(folder.files.get(SESSION_FILE, b""))
    except DamagedError as exc:
        return NotTaken(path=f"{folder.name}/{SESSION_FILE}", why=str(exc))
    session = session_told(found, folder.name)
    session.skipped.extend(folder.skipped)
    chunks: list[FolderItem] = []
    others: list[FolderItem] = []
    stems = Counter(PurePosixPath(path).stem for path in folder.files if _is_content(path))
    for path, raw in folder.files.items():
        try:
            for item in _items(session, folder.files, path, raw, stems):
                (chunks if item.kind is ItemKind.CHUNK else others).append(item)
        except DamagedError as exc:
            session.skipped.append(NotTaken(path=f"{folder.name}/{path}", why=str(exc)))
    chunks.sort(key=lambda item: (item.at, item.ids))
    session.items.extend([*chunks, *others])
    return session


def session_told(found: Json, name: str) -> EarlierSession:
    """The session that a `session.json` tells of, nothing in it yet; `name`: of its folder."""
    status = found.get("status")
    return EarlierSession(
        session_id=wire_id(_first(found, "session_id", "id") or name, "sess"),
        status=status if isinstance(status, str) and status in _STATUSES else "active",
        fields={
            "title": _first(found, "title", "name"),
            "participants": _people(found.get("participants")),
            "context": found["context"] if isinstance(found.get("context"), str) else None,
            "metadata": _as_object(found.get("metadata")),
            "time_zone": _first(found, "time_zone"),
        },
    )


def _items(
    session: EarlierSession,
    files: Mapping[str, bytes],
    path: str,
    raw: bytes,
    stems: Mapping[str, int],
) -> list[FolderItem]:
    """What one file becomes. Raises DamagedError."""
    if not raw and path == "conversation/full_transcript.txt":
        return []
    if not raw:
        raise DamagedError("is empty")
    where = PurePosixPath(path)
    if _is_content(path):
        return [_artifact(session, files, where, stems)]
    if where.suffix == ".json":
        found = _json(raw)
        if where.match("conversation/chunk_*.json") and len(where.parts) == 2:
            return _chunk(session, where, raw, _of_object(found))
        if where.parts[0] == "memories":
            return _memory(session, where, raw, _of_object(found))
    return [_original(session, path, raw)]


def _chunk(
    session: EarlierSession, path: PurePosixPath, raw: bytes, found: Json
) -> list[FolderItem]:
    item = chunk_told(found, path)
    sent = {**item.fields, "chunk_id": item.ids[0], "content": item.content.decode(*_UTF8)}
    return [item, *_beside(session, path, raw, found, sent)]


def chunk_told(found: Json, path: PurePosixPath) -> FolderItem:
    """The piece of conversation that a file tells of. Raises DamagedError."""
    text = found.get("content", found.get("text"))
    if not isinstance(text, str):
        raise DamagedError("has no content that is text")
    extracted = found.get("extracted_items")
    at = _time(found, "start_time", "timestamp", "created_at")
    spoken = found.get("format")
    fields: Json = {
        "format": spoken if spoken in _FORMATS else "dialogue",
        "start_time": _time(found, "start_time") if "start_time" in found else at,
        "end_time": _time(found, "end_time"),
        "participants": _people(found.get("participants")),
        "extracted_items": extracted if isinstance(extracted, list | dict) else [],
        "metadata": _as_object(found.get("metadata")),
    }
    told = _first(found, "chunk_id", "id") or path.stem
    return FolderItem(
        path=str(path),
        kind=ItemKind.CHUNK,
        ids=(wire_id(told, "chunk"),),
        fields=fields,
        content=text.encode(*_UTF8),
        at=at or "",
    )


def _memory(
    session: EarlierSession, path: PurePosixPath, raw: bytes, found: Json
) -> list[FolderItem]:
    item = memory_told(found, path)
    return [item, *_beside(session, path, raw, found, {**item.fields, "key": item.ids[0]})]


def memory_told(found: Json, path: PurePosixPath) -> FolderItem:
    """The memory that a file tells of. Raises DamagedError."""
    if found.get("content", found.get("value")) in (None, "", [], {}):
        raise DamagedError("has no content")
    content = found.get("content", found.get("value"))
    kind, tags = _first(found, "type", "memory_type"), found.get("tags")
    fields: Json = {
        "type": kind if kind in _MEMORY_TYPES else "note",
        "content": content if isinstance(content, str | dict) else {"value": content},
        "tags": [tag for tag in _as_list(tags) if isinstance(tag, str) and tag],
    }
    key = _first(found, "key", "id") or path.stem
    return FolderItem(
        path=str(path),
        kind=ItemKind.MEMORY,
        ids=(key,),
        fields=fields,
        content=canonical_json(fields["content"]),
    )


def _artifact(
    session: EarlierSession,
    files: Mapping[str, bytes],
    path: PurePosixPath,
    stems: Mapping[str, int],
) -> FolderItem:
    """The file, byte for byte; its `<id>_meta.json` says what it is, and is kept as it is."""
    try:
        meta = file_object(files.get(f"artifacts/{path.stem}{META}", b"{}"))
    except DamagedError:
        meta = {}  # named where its own turn comes
    fallback = reckoned_id("art", session.session_id, str(path))
    own = wire_id(path.stem, "art", session.session_id)
    fields = artifact_told(meta, path)
    return FolderItem(
        path=str(path),
        kind=ItemKind.ARTIFACT,
        ids=(own, fallback) if stems[path.stem] == 1 else (fallback,),
        fields={**fields, "metadata": {**fields["metadata"], EARLIER_PATH: str(path)}},
        content=files[str(path)],
    )


def artifact_told(meta: Json, path: PurePosixPath) -> Json:
    """What an artifact is, by its meta file, or by its name where that says nothing."""
    shape = _first(meta, "format") if "format" in meta else path.suffix.lstrip(".")
    media = _first(meta, "content_type") or ""
    return {
        "name": plain_line(_first(meta, "name", "title", "filename") or path.name),
        "type": plain_line(_first(meta, "type", "artifact_type") or "document"),
        "format": plain_line(shape or "") or None,
        "content_type": media if _MEDIA_TYPE.fullmatch(media) else None,
        "metadata": _as_object(meta.get("metadata")),
    }


def _beside(
    session: EarlierSession, path: PurePosixPath, raw: bytes, found: Json, sent: Json
) -> list[FolderItem]:
    """The file itself, where what is sent of it is not all that stands in it."""
    return (
        []
        if canonical_json(found) == canonical_json(sent)
        else [_original(session, str(path), raw)]
    )


def _original(session: EarlierSession, path: str, raw: bytes) -> FolderItem:
    return FolderItem(
        path=path,
        kind=ItemKind.ARTIFACT,
        ids=(reckoned_id("art", session.session_id, ORIGINAL, path),),
        fields={
            "name": plain_line(path),
            "type": ORIGINAL,
            "format": None,
            "metadata": {EARLIER_PATH: path},
        },
        content=raw,
    )


def sent_content(raw: bytes) -> Json:
    """The field that carries bytes: as text where they are some, else base64."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text.strip() and "\0" not in text:
        return {"content": text}
    return {"content_base64": base64.b64encode(raw).decode("ascii")}


def _is_content(path: str) -> bool:
    return path.startswith("artifacts/") and not path.endswith(META)


def file_object(raw: bytes) -> Json:
    """Raises DamagedError."""
    return _of_object(_json(raw))


def _of_object(found: object) -> Json:
    if not isinstance(found, dict):
        raise DamagedError("is no JSON object")
    return cast("Json", found)


def _json(raw: bytes) -> object:
    """Raises DamagedError. NaN and infinity are none of JSON's numbers."""
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise DamagedError("is damaged: not JSON") from exc


def _no_number(name: str) -> object:
    raise ValueError(name)


def _first(found: Json, *names: str) -> str | None:
    """The first of these fields that says something as text."""
    told = (found.get(name) for name in names)
    return next((each for each in told if isinstance(each, str) and each.strip()), None)


def _time(found: Json, *names: str) -> str | None:
    return next((at for name in names if (at := wire_time(found.get(name)))), None)


def _people(value: object) -> list[str]:
    """Names; of people who are objects, the name in them."""
    people = [
        _first(cast("Json", p), "name", "id") if isinstance(p, dict) else p for p in _as_list(value)
    ]
    return [person for person in people if isinstance(person, str) and person.strip()]


def _as_list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _as_object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}
