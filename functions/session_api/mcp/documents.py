"""One artifact of a task as text, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aiwebhook.commands import content
from aiwebhook.commands.base import Reply
from aiwebhook.errors import FieldError, NotFound
from aiwebhook.ports.command_rows import Page

if TYPE_CHECKING:
    from aiwebhook.ports.content_rows import ArtifactListing
    from session_api.mcp.offers import Turn

Json = dict[str, Any]
PAGE_CHARS = 20_000
_LOOKED_AT = 100


def artifact_page(turn: Turn, reply: Reply, name: str, number: int) -> Json:
    """`name`, `text`, `page` and `pages` of the artifact of this name or id; where it is no text,
    its address instead. Raises NotFound, Unavailable.
    """
    project_id, store = turn.caller.project_id, turn.api.commands.store
    rows = store.list_artifacts(
        project_id=project_id,
        session_id=reply.session_id,
        artifact_type=None,
        task_id=reply.data["task_id"],
        page=Page(limit=_LOOKED_AT),
    )
    row = _chosen(rows, name)
    found = store.find_artifact(project_id=project_id, artifact_id=row.artifact_id)
    if found is None:
        raise _missing(rows, name)
    shown = content.shown(turn.api.blobs, project_id, found.stored, content_type=found.content_type)
    head: Json = {"artifact_id": row.artifact_id, "name": row.name, "type": row.type}
    text: str | None = shown.get("content")
    if text is None:
        return {**head, "size": row.size, **_addresses(shown)}
    pages = max(1, -(-len(text) // PAGE_CHARS))
    number = min(max(number, 1), pages)
    part = text[(number - 1) * PAGE_CHARS : number * PAGE_CHARS]
    return {**head, "text": part, "page": number, "pages": pages}


def _addresses(shown: Json) -> Json:
    return {name: value for name, value in shown.items() if name.startswith("content_url")}


def _chosen(rows: Sequence[ArtifactListing], name: str) -> ArtifactListing:
    """By id, else by name, else by a part of the name; the newest."""
    said = name.strip().lower()
    names = [(row.name.lower(), row) for row in rows]
    fitting = (
        *(row for row in rows if row.artifact_id == name),
        *(row for called, row in names if called == said),
        *(row for called, row in names if said in called),
    )
    if not fitting:
        raise _missing(rows, name)
    return fitting[0]  # newest first: the same name again replaces it


def _missing(rows: Sequence[ArtifactListing], name: str) -> NotFound:
    names = ", ".join(f'"{row.name}"' for row in rows[:20])
    return NotFound(
        f'The task has no artifact "{name[:80]}".',
        code="artifact_not_found",
        remedy=f"It has {names}." if names else "It has none.",
        errors=(FieldError(pointer="/artifact", message="is no artifact of this task"),),
    )
