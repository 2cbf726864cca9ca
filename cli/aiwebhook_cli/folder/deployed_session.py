"""A session as the deployment holds it: by digest what is there, and writing what is not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiwebhook.domain.page import MAX_PAGE
from aiwebhook.errors import Conflict, NotFound
from aiwebhook.session_folder.earlier_format import sent_content
from aiwebhook.session_folder.folder_item import FolderItem, ItemKind, canonical_json, item_digest

if TYPE_CHECKING:
    from aiwebhook.client import Client

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """`digests`: of what is there, by kind and id."""

    summary: Json
    digests: Mapping[tuple[ItemKind, str], str] = field(repr=False)

    def digest_of_item(self, item: FolderItem) -> str | None:
        """Of what is there under one of the item's ids; None when nothing is."""
        found = (self.digests.get((item.kind, each)) for each in item.ids)
        return next((digest for digest in found if digest is not None), None)


def held_session(
    client: Client, session_id: str, items: Sequence[FolderItem]
) -> HeldSession | None:
    """None where there is no such session. Artifacts are fetched where an item has their id."""
    try:
        summary = client.session(session_id)
    except NotFound:
        return None
    wanted = {each for item in items if item.kind is ItemKind.ARTIFACT for each in item.ids}
    return HeldSession(
        summary=summary,
        digests={
            **_chunks(client, session_id),
            **_memories(client, session_id),
            **_artifacts(client, session_id, wanted),
        },
    )


def write_item(client: Client, session_id: str, item: FolderItem) -> None:
    """Raises errors of `aiwebhook.errors`: Conflict where both ids are taken."""
    if item.kind is ItemKind.CHUNK:
        text = item.content.decode("utf-8", "surrogatepass")
        client.append_conversation(session_id, text, chunk_id=item.ids[0], **item.fields)
    elif item.kind is ItemKind.MEMORY:
        client.store_memory(session_id, key=item.ids[0], **item.fields)
    else:
        _write_artifact(client, session_id, item)


def _write_artifact(client: Client, session_id: str, item: FolderItem) -> None:
    *others, last = item.ids
    fields = {**item.fields, **sent_content(item.content)}
    for artifact_id in others:
        try:
            client.add_artifact(session_id, artifact_id=artifact_id, **fields)
        except Conflict as exc:
            if exc.code != "artifact_exists":
                raise
        else:
            return
    client.add_artifact(session_id, artifact_id=last, **fields)


def _chunks(client: Client, session_id: str) -> dict[tuple[ItemKind, str], str]:
    found: dict[tuple[ItemKind, str], str] = {}
    path, after = f"/v1/sessions/{quote(session_id, safe='')}/conversation", 0
    while after is not None:
        page = client.get(path, {"after_seq": after, "limit": MAX_PAGE})
        for row in page["items"]:
            told = row["content_sha256"] or _sha256(row["content"])
            found[ItemKind.CHUNK, row["chunk_id"]] = item_digest(ItemKind.CHUNK, row, told)
        after = page["next_after_seq"]
    return found


def _memories(client: Client, session_id: str) -> dict[tuple[ItemKind, str], str]:
    found: dict[tuple[ItemKind, str], str] = {}
    page: Json = {"next_cursor": None}
    while True:
        page = client.memories(session_id, limit=MAX_PAGE, cursor=page["next_cursor"])
        for row in page["memories"]:
            told = canonical_json(row["content"])
            found[ItemKind.MEMORY, row["key"]] = item_digest(ItemKind.MEMORY, row, told)
        if not page["next_cursor"]:
            return found


def _artifacts(
    client: Client, session_id: str, wanted: set[str]
) -> dict[tuple[ItemKind, str], str]:
    from aiwebhook.client.contents import artifact_bytes  # noqa: PLC0415 HTTP costs 40 ms

    found: dict[tuple[ItemKind, str], str] = {}
    page: Json = {"next_cursor": None}
    while True:
        page = client.artifacts(session_id, limit=MAX_PAGE, cursor=page["next_cursor"])
        for row in page["artifacts"]:
            artifact_id = row["artifact_id"]
            if artifact_id in wanted:
                raw = artifact_bytes(client.artifact(artifact_id))
                found[ItemKind.ARTIFACT, artifact_id] = item_digest(ItemKind.ARTIFACT, row, raw)
        if not page["next_cursor"]:
            return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
