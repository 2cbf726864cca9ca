"""A session of a deployment as the files of a folder: the way back of a migration.

Files that a migration kept as they were get their paths and bytes again; what they do not say, or
say otherwise by now, is written anew. Read as a folder, the files give what the deployment has.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from aiwebhook.domain.page import MAX_PAGE
from aiwebhook.errors import Conflict
from aiwebhook.session_folder.earlier_format import ORIGINAL, EarlierSession, read_earlier
from aiwebhook.session_folder.folder_item import (
    EARLIER_PATH,
    ItemKind,
    canonical_json,
    item_digest,
    wire_id,
)
from aiwebhook.session_folder.session_files import SESSION_FILE, SessionFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiwebhook.client import Client

Json = dict[str, Any]
_TRIES = 3
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}")
_NOT_OF_A_CHUNK = frozenset(
    {"seq", "size", "content_sha256", "content_url", "content_url_expires_at"}
)
_DERIVED = frozenset({"duration_minutes", "stats", "usage", "last_activity"})
"""Of a session: what is reckoned from what it holds."""


def export_files(client: Client, session_id: str) -> dict[str, bytes]:
    """All files by path, as of one moment. Raises NotFound, and Conflict where the session changes
    each time while it is read.
    """
    path = _path(session_id)
    for _ in range(_TRIES):
        before = client.get(path)
        files = _files(client, session_id, before["data"])
        if client.get(path)["cursor"] == before["cursor"]:
            return files
    raise Conflict(
        f"Session '{session_id}' changed each time while it was read.",
        remedy="Export it when nothing is written to it.",
    )


def _files(client: Client, session_id: str, summary: Json) -> dict[str, bytes]:
    files, artifacts = _kept(client, session_id)
    files[SESSION_FILE] = _session_file(files, session_id, summary)
    known = {
        (item.kind, each): item for item in _read(files, session_id).items for each in item.ids
    }
    by_path = {item.path: item for item in known.values() if item.kind is ItemKind.ARTIFACT}
    for held in (*_chunks(client, session_id), *_memories(client, session_id)):
        item = known.get((held.kind, held.name))
        if item is None or item.digest != held.digest:
            files[item.path if item else held.path] = _json_file(held.row)
    for path, row in artifacts.items():
        if by_path[path].digest != item_digest(ItemKind.ARTIFACT, row, files[path]):
            files[str(PurePosixPath(path).with_suffix("")) + "_meta.json"] = _json_file(row)
    for row in _pages(client, "/v1/tasks", "tasks", session_id=session_id):
        path = f"tasks/{wire_id(row['task_id'], 'task')}.json"
        files.setdefault(path, _json_file(client.task(row["task_id"])))
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the deployment has. `path`: where it goes unless a file of it has a place already."""

    kind: ItemKind
    name: str
    row: Json
    content: bytes
    path: str

    @property
    def digest(self) -> str:
        return item_digest(self.kind, self.row, self.content)


def _kept(client: Client, session_id: str) -> tuple[dict[str, bytes], dict[str, Json]]:
    """The contents of all artifacts by path, and by path those that are no kept files."""
    from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 HTTP costs 40 ms

    files: dict[str, bytes] = {}
    artifacts: dict[str, Json] = {}
    for row in _pages(client, f"{_path(session_id)}/artifacts", "artifacts"):
        path = _path_of_artifact(row)
        if path in files or not _stays_inside(path):
            path = f"artifacts/{row['artifact_id']}.bin"
        files[path] = artifact_bytes(client.artifact(row["artifact_id"]))
        if path.startswith("artifacts/") and row["type"] != ORIGINAL:
            artifacts[path] = row
    return files, artifacts


def _path_of_artifact(row: Json) -> str:
    earlier = row["metadata"].get(EARLIER_PATH)
    if isinstance(earlier, str):
        return earlier
    suffix = PurePosixPath(row["name"]).suffix
    return f"artifacts/{row['artifact_id']}{suffix if _EXTENSION.fullmatch(suffix) else '.bin'}"


def _stays_inside(path: str) -> bool:
    """Whether the path names a file below the folder, as every file that we read does."""
    parts = path.split("/")
    return "\0" not in path and all(part not in ("", ".", "..") for part in parts)


def _session_file(files: dict[str, bytes], session_id: str, summary: Json) -> bytes:
    """As it was kept, where it still says what is; else with what has changed."""
    told: Json = {name: value for name, value in summary.items() if name not in _DERIVED}
    told["session_id"] = session_id
    if SESSION_FILE not in files:
        return _json_file(told)
    was = read_earlier(SessionFolder(folder=Path(session_id), name=session_id, files=files))
    if not isinstance(was, EarlierSession):
        return _json_file(told)
    same = all(was.fields[name] == summary[name] for name in ("title", "participants", "context"))
    if same and was.status == summary["status"] and was.session_id == session_id:
        return files[SESSION_FILE]
    return _json_file({**cast("Json", json.loads(files[SESSION_FILE])), **told})


def _read(files: dict[str, bytes], session_id: str) -> EarlierSession:
    found = read_earlier(SessionFolder(folder=Path(session_id), name=session_id, files=files))
    assert isinstance(found, EarlierSession)  # noqa: S101  reason: its session file was written just now
    return found


def _chunks(client: Client, session_id: str) -> Iterator[_Held]:
    from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 HTTP costs 40 ms

    after = 0
    while after is not None:
        query = {"after_seq": after, "limit": MAX_PAGE}
        page = client.get(f"{_path(session_id)}/conversation", query)
        for each in page["items"]:
            raw = artifact_bytes(each)
            row = {name: value for name, value in each.items() if name not in _NOT_OF_A_CHUNK}
            row["content"] = raw.decode("utf-8", "surrogatepass")
            yield _Held(
                kind=ItemKind.CHUNK,
                name=row["chunk_id"],
                row=row,
                content=raw,
                path=f"conversation/chunk_{wire_id(row['chunk_id'], 'chunk')}.json",
            )
        after = page["next_after_seq"]


def _memories(client: Client, session_id: str) -> Iterator[_Held]:
    for row in _pages(client, f"{_path(session_id)}/memories", "memories"):
        yield _Held(
            kind=ItemKind.MEMORY,
            name=row["key"],
            row=row,
            content=canonical_json(row["content"]),
            path=f"memories/{wire_id(row['key'], 'mem')}.json",
        )


def _pages(client: Client, path: str, name: str, **query: object) -> Iterator[Json]:
    cursor: str | None = None
    while True:
        data = client.get(path, {**query, "limit": MAX_PAGE, "cursor": cursor})["data"]
        yield from data[name]
        cursor = data["next_cursor"]
        if not cursor:
            return


def _path(session_id: str) -> str:
    return f"/v1/sessions/{quote(session_id, safe='')}"


def _json_file(value: Json) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return f"{text}\n".encode("utf-8", "surrogatepass")
