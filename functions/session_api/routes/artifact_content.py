"""An artifact, as JSON or as its bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiwebhook.domain.answer_size import CONTENT_LIMIT
from aiwebhook.errors import NotFound
from aiwebhook.ports.content_rows import ArtifactRow
from session_api.answer import Answer
from session_api.commanding import command_operation
from session_api.media_range import may_prefer_bytes, prefers_bytes
from session_api.operation import Access, ApiCall, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_TEXT, _BYTES = "text/plain; charset=utf-8", "application/octet-stream"
_BESIDE_THE_BYTES = frozenset({"session_id", "reader"})
"""Query parameters that reading the bytes takes; with others, the command answers."""


def artifact(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The reply of get_artifact, or its bytes if Accept prefers them."""
    answer = _preferred_bytes(api, call) or _COMMAND.handle(api, call, None)
    return replace(answer, headers={**answer.headers, "Vary": "Accept"})


def artifact_content(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The bytes; above 3 MB a redirect to a pre-signed URL."""
    return _as_bytes(api, call, _found(api, call))


def _preferred_bytes(api: SessionApi, call: ApiCall) -> Answer | None:
    # The command finds the artifact itself: it is looked up here only where that decides.
    if not may_prefer_bytes(call.accept) or not call.given.keys() <= _BESIDE_THE_BYTES:
        return None
    found = _found(api, call)
    if not prefers_bytes(call.accept, _media_of(found)):
        return None
    return _as_bytes(api, call, found)


def _found(api: SessionApi, call: ApiCall) -> ArtifactRow:
    project_id, artifact_id = call.caller.project_id, call.ids["artifact_id"]
    found = api.commands.store.find_artifact(project_id=project_id, artifact_id=artifact_id)
    wanted = call.given.get("session_id")
    if found is None or wanted not in (None, found.session_id):
        where = "in this project" if wanted is None else f"in session '{wanted}'"
        raise NotFound(
            f"No artifact '{artifact_id}' {where}.",
            code="artifact_not_found",
            remedy="Find the id with GET /v1/artifacts.",
        )
    return found


def _media_of(found: ArtifactRow) -> str:
    return found.content_type or (_BYTES if found.content is None else _TEXT)


def _as_bytes(api: SessionApi, call: ApiCall, found: ArtifactRow) -> Answer:
    project_id, media = call.caller.project_id, _media_of(found)
    headers = {
        # Bytes of strangers: a browser shall save them, not run them as a page of this API.
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    digest = found.content_sha256
    if digest is None:
        body = (found.content or "").encode()
        return Answer(body=body, content_type=media, headers=headers)
    if found.size > CONTENT_LIMIT:
        url = api.blobs.presign_get(project_id=project_id, sha256=digest, content_type=media)
        return Answer(body=None, status=303, headers={"Location": url})
    raw = api.blobs.get(project_id=project_id, sha256=digest)
    return Answer(body=raw, content_type=media, headers=headers)


_REDIRECT = {303: "More than 3 MB: fetch them from Location, valid for 15 minutes"}
_COMMAND = command_operation(
    "GET",
    "/v1/artifacts/{artifact_id}",
    "get_artifact",
    name="getArtifact",
    summary="Read an artifact with its content, or its bytes alone if Accept asks for them.",
)
OPERATIONS: tuple[Operation, ...] = (
    replace(_COMMAND, handle=artifact, or_bytes=True, statuses=_REDIRECT),
    Operation(
        method="GET",
        path="/v1/artifacts/{artifact_id}/content",
        name="getArtifactContent",
        summary="The bytes of an artifact, with its own media type.",
        tag="artifacts",
        access=Access.READ,
        handle=artifact_content,
        statuses=_REDIRECT,
    ),
)
