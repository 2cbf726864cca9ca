"""Resources: transcripts and memories of sessions, artifacts, logs of tasks.

    aiwebhook://sessions/{session_id}/transcript
    aiwebhook://sessions/{session_id}/memories/{key}
    aiwebhook://artifacts/{artifact_id}
    aiwebhook://tasks/{task_id}/log

The list has transcripts, newest session first; the templates describe all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from aiwebhook.clock import rfc3339
from aiwebhook.commands import content
from aiwebhook.commands.paging import fit_page, page_after
from aiwebhook.domain.answer_size import compact
from aiwebhook.domain.storable import storable_text
from aiwebhook.ids import CLIENT_ID
from session_api.mcp.jsonrpc import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from aiwebhook.ports.content_rows import SessionListing
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
_SCHEME = "aiwebhook://"
_ADDRESS = re.compile(
    r"aiwebhook://(?:(?P<kind>sessions|tasks)/(?P<id>[^/?#]{1,400})"
    r"/(?P<what>transcript|log|memories)(?:/(?P<key>[^/?#]{1,1600}))?"
    r"|artifacts/(?P<artifact>[^/?#]{1,400}))"
)
_PER_PAGE = 50
_CHUNKS = 100
_EVENTS = 200
_TRANSCRIPT_CHARS = 100_000
_TOO_LONG = "(a text too long to be shown here)"
_EARLIER = "(What was said before is left out: get_conversation has it, in pages.)"
_EARLIER_EVENTS = "(Earlier events are left out: GET /v1/events has them.)"
_MARKDOWN, _TEXT = "text/markdown", "text/plain"


def transcript_uri(session_id: str) -> str:
    """The URI of a session's transcript."""
    return f"{_SCHEME}sessions/{quote(session_id, safe='')}/transcript"


def memory_uri(session_id: str, key: str) -> str:
    """The URI of a memory."""
    return f"{_SCHEME}sessions/{quote(session_id, safe='')}/memories/{quote(key, safe='')}"


class OurResources:
    """Implements definition.Resources."""

    def listed(self, context: RequestContext) -> Json:
        """Transcripts of sessions, newest first."""
        cursor = context.params.get("cursor")
        if cursor is not None and not isinstance(cursor, str):
            raise RpcError(INVALID_PARAMS, "Invalid params: cursor must be text.")
        page = page_after(_PER_PAGE, cursor, identity="session_id", pointer="/cursor")
        rows = context.api.commands.store.list_sessions(
            project_id=context.caller.project_id, status=None, search=None, page=page
        )
        transcripts, more = fit_page(
            rows,
            _PER_PAGE,
            identity="session_id",
            place=lambda session: (session.created_at, session.session_id),
            view=_transcript,
        )
        listed: Json = {"resources": transcripts}
        return listed | ({"nextCursor": more} if more else {})

    def templates(self) -> Sequence[Json]:
        """The URI templates."""
        return (
            _template("sessions/{session_id}/transcript", "transcript", "What was said", _TEXT),
            _template("sessions/{session_id}/memories/{key}", "memory", "One memory", _TEXT),
            _template("artifacts/{artifact_id}", "artifact", "A document", None),
            _template("tasks/{task_id}/log", "task_log", "What an agent reported", _TEXT),
        )

    def read(self, context: RequestContext, uri: str) -> Sequence[Json] | None:
        """The contents; None for an unknown URI."""
        found = _ADDRESS.fullmatch(uri)
        if found is None:
            return None
        name = unquote(found["id"] or found["artifact"], errors="replace")
        key = None if found["key"] is None else unquote(found["key"], errors="replace")
        if not CLIENT_ID.fullmatch(name) or storable_text(key or "") != (key or ""):
            return None
        if key is not None:
            memory = found["kind"] == "sessions" and found["what"] == "memories"
            contents = _read_memory(context, name, key) if memory else None
            return None if contents is None else ({"uri": uri, **contents},)
        readers: dict[
            tuple[str | None, str | None], Callable[[RequestContext, str], Json | None]
        ] = {
            ("sessions", "transcript"): _read_transcript,
            ("tasks", "log"): _read_log,
            (None, None): _read_artifact,
        }
        reader = readers.get((found["kind"], found["what"]))
        contents = None if reader is None else reader(context, name)
        return None if contents is None else ({"uri": uri, **contents},)


def _transcript(session: SessionListing) -> Json:
    name = session.title or session.session_id
    return {
        "uri": transcript_uri(session.session_id),
        "name": name,
        "title": name,
        "mimeType": _TEXT,
        "annotations": {"lastModified": rfc3339(session.last_activity_at)},
    }


def _template(path: str, name: str, about: str, mime: str | None) -> Json:
    template = {"uriTemplate": f"{_SCHEME}{path}", "name": name, "title": about}
    return template if mime is None else {**template, "mimeType": mime}


def _read_transcript(context: RequestContext, session_id: str) -> Json | None:
    """The newest part that fits, in chronological order."""
    project_id = context.caller.project_id
    rows = context.api.observations.newest_conversation(
        project_id=project_id, session_id=session_id, limit=_CHUNKS + 1
    )
    store = context.api.commands.store
    if not rows and store.find_session(project_id=project_id, session_id=session_id) is None:
        return None
    texts: list[str] = []
    room = _TRANSCRIPT_CHARS
    whole = len(rows) <= _CHUNKS
    for row in reversed(rows[-_CHUNKS:]):
        text: str = (
            content.shown_content(context.api.blobs, project_id, row.stored).get("content")
            or _TOO_LONG
        )
        if room <= 0:
            whole = False
            break
        texts.insert(0, text[-room:])
        whole = whole and len(text) <= room
        room -= len(text)
    before = [] if whole else [_EARLIER]
    return {"mimeType": _TEXT, "text": "\n\n".join([*before, *texts])}


def _read_memory(context: RequestContext, session_id: str, key: str) -> Json | None:
    row = context.api.commands.store.find_memory(
        project_id=context.caller.project_id, session_id=session_id, key=key
    )
    if row is None:
        return None
    text = row.content if isinstance(row.content, str) else compact(row.content)
    return {"mimeType": _TEXT, "text": text}


def _read_log(context: RequestContext, task_id: str) -> Json | None:
    project_id = context.caller.project_id
    task = context.api.commands.store.find_task(project_id=project_id, task_id=task_id)
    if task is None:
        return None
    rows = context.api.observations.task_events(
        project_id=project_id, session_id=task.session_id, task_id=task_id, limit=_EVENTS + 1
    )
    told = [f"{rfc3339(row.created_at)} {row.type} {_gist(row.data)}" for row in rows[-_EVENTS:]]
    before = [] if len(rows) <= _EVENTS else [_EARLIER_EVENTS]
    return {"mimeType": _TEXT, "text": "\n".join([*before, *told])}


def _gist(data: Json) -> str:
    told = (data.get(name) for name in ("say", "message", "text", "kind"))
    return next((str(each)[:300] for each in told if each), "")


def _read_artifact(context: RequestContext, artifact_id: str) -> Json | None:
    project_id = context.caller.project_id
    row = context.api.commands.store.find_artifact(project_id=project_id, artifact_id=artifact_id)
    if row is None:
        return None
    mime = row.content_type or _MARKDOWN
    shown = content.shown_content(
        context.api.blobs, project_id, row.stored, content_type=row.content_type
    )
    if shown.get("content") is not None:
        return {"mimeType": mime, "text": shown["content"]}
    if "content_base64" in shown:
        return {"mimeType": mime, "blob": shown["content_base64"]}
    raw = f"Too large to be read here. It lies at {shown['content_url']} for a few minutes."
    return {"mimeType": _TEXT, "text": raw}
