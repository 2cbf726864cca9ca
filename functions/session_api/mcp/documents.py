"""One text of a task in pages: an artifact, or its instructions, input, output or error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiwebhook.commands import content
from aiwebhook.commands.base import Reply
from aiwebhook.errors import FieldError, Invalid, NotFound
from session_api.mcp.names import ARTIFACT, the_one

if TYPE_CHECKING:
    from aiwebhook.ports.content_rows import ArtifactRow
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
PAGE_CHARS = 20_000
OF_TASK = {"instructions": "description", "input": "input", "output": "output", "error": "error"}
"""The texts of the task itself that can be read in pages: name → field."""
_NAMED = 20


def artifact_page(context: RequestContext, reply: Reply, name: str, number: int) -> Json:
    """`name`, `text`, `page` and `pages` of the artifact of this name or id; if it is not text, its
    URL instead. Raises NotFound, Invalid, Unavailable.
    """
    project_id = context.caller.project_id
    found = context.api.names.artifacts_named(
        project_id=project_id,
        session_id=reply.session_id or "",
        task_id=reply.data["task_id"],
        name=name.strip(),
    )
    said = OF_TASK.get(name.strip().lower())
    if said in reply.data and not any(each.exact for each in found):
        value = reply.data[said]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        return {"name": name.strip().lower(), **_page(text, number)}
    try:
        artifact_id = the_one(ARTIFACT, name, found, "/artifact")
    except NotFound as error:
        error.remedy = _known(reply)
        raise
    row = context.api.commands.store.find_artifact(project_id=project_id, artifact_id=artifact_id)
    if row is None:
        raise NotFound(
            "The artifact was deleted just now.", code="artifact_not_found", remedy=_known(reply)
        )
    return _shown(context, row, number)


def _shown(context: RequestContext, row: ArtifactRow, number: int) -> Json:
    head: Json = {"artifact_id": row.artifact_id, "name": row.name, "type": row.type}
    project_id = context.caller.project_id
    shown = content.shown_content(
        context.api.blobs, project_id, row.stored, content_type=row.content_type
    )
    text: str | None = shown.get("content")
    if text is not None:
        return {**head, **_page(text, number)}
    addresses = {name: value for name, value in shown.items() if name.startswith("content_url")}
    return {**head, "size": row.size, **addresses}


def _page(text: str, number: int) -> Json:
    """Raises Invalid for a page beyond the last one."""
    pages = max(1, -(-len(text) // PAGE_CHARS))
    if number > pages:
        message = f"must be at most {pages}, got {number}"
        error = FieldError(pointer="/page", message=message)
        raise Invalid(f"page {message}.", errors=(error,))
    part = text[(number - 1) * PAGE_CHARS : number * PAGE_CHARS]
    return {"text": part, "page": number, "pages": pages}


def _known(reply: Reply) -> str:
    artifacts: list[Json] = reply.data.get("artifacts", [])
    names = list(dict.fromkeys(f'"{each["name"]}"' for each in artifacts))
    if not names:
        return "It has none."
    more = len(names) > _NAMED or "artifacts_more" in reply.data
    return f"It has {', '.join(names[:_NAMED])}{' and others' if more else ''}."
