"""The bytes of an artifact, just as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from aiwebhook.domain.answer_size import CONTENT_LIMIT
from aiwebhook.errors import NotFound
from session_api.answer import Answer
from session_api.operation import Access, Call, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_TEXT, _BYTES = "text/plain; charset=utf-8", "application/octet-stream"


def artifact_content(api: SessionApi, call: Call, _asked: None) -> Answer:
    """Up to 3 MB here, what is larger at the address of the redirect."""
    project_id, artifact_id = call.caller.project_id, call.ids["artifact_id"]
    found = api.commands.store.find_artifact(project_id=project_id, artifact_id=artifact_id)
    if found is None:
        raise NotFound(
            f"No artifact '{artifact_id}' in this project.",
            code="artifact_not_found",
            remedy="Find the id with GET /v1/artifacts.",
        )
    text = found["content"]
    media = found["content_type"] or (_BYTES if text is None else _TEXT)
    headers = {
        # Bytes of strangers: a browser shall save them, not run them as a page of this API.
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found['name'], safe='')}",
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if text is not None:
        return Answer(body=text.encode(), content_type=media, headers=headers)
    digest = bytes(found["content_sha256"])
    if found["size"] > CONTENT_LIMIT:
        url = api.blobs.presign_get(project_id=project_id, sha256=digest, content_type=media)
        return Answer(body=None, status=303, headers={"Location": url})
    raw = api.blobs.get(project_id=project_id, sha256=digest)
    return Answer(body=raw, content_type=media, headers=headers)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/artifacts/{artifact_id}/content",
        name="getArtifactContent",
        summary="The bytes of an artifact, under its own media type.",
        tag="artifacts",
        access=Access.READ,
        handle=artifact_content,
        statuses={303: "More than 3 MB: they are at Location, for 15 minutes"},
    ),
)
