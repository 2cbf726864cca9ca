"""The Runs API (WIRE §4): what runs and workers say. Every write is fenced by the lease epoch."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiwebhook.domain.attempt import ErrorClass, FailureReport
from aiwebhook.errors import FieldError, Invalid, LeaseLost
from aiwebhook.ports.queue_rows import Completion, RunMemory
from aiwebhook.usecases.add_run_artifact import ArtifactDraft, add_run_artifact
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run, release_run
from aiwebhook.usecases.heartbeat import heartbeat
from aiwebhook.usecases.long_poll import long_poll
from aiwebhook.usecases.record_run_events import RunEvent, record_run_events
from aiwebhook.usecases.run_context import RunContext, run_context
from aiwebhook.usecases.run_messages import run_messages
from aiwebhook.usecases.save_checkpoint import CheckpointDraft, save_checkpoint
from session_api import run_schemas as schemas
from session_api.after_commit import post
from session_api.answer import Answer
from session_api.operation import Access, Asked, Call, Handle, Operation, Told

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_RUN = "/v1/runs/{task_id}"
_PAGE_BYTES = 3_000_000  # of chunk text; JSON escapes may double it, and an answer has at most 6 MB


def context(api: SessionApi, call: Call, asked: schemas.ContextAsked) -> Answer:
    """A page is made smaller until its text fits into one answer."""
    limit = asked.limit
    while True:
        page = run_context(
            api.runs, api.blobs, call.lease, after=int(asked.after or 0), limit=limit
        )
        if limit == 1 or _text_size(page) <= _PAGE_BYTES:
            return Answer(body={**asdict(page)})
        limit = max(1, limit // 4)


def signal(api: SessionApi, call: Call, asked: schemas.SignalAsked) -> Answer:
    """{"cancel": true} as soon as somebody asks the run to stop."""

    def look() -> bool | None:
        shall_stop = api.observations.run_shall_stop(**asdict(call.lease))
        if shall_stop is None:
            raise LeaseLost(f"The lease on task {call.lease.task_id} is lost.")
        return shall_stop or None

    found = long_poll(look, signal=api.observations, wait_s=asked.wait)
    return Answer(body={"cancel": found is True})


def beat(api: SessionApi, call: Call, asked: schemas.HeartbeatAsked) -> Answer:
    """Extends the lease; `status` is taken as progress."""
    progress = dict(asked.progress or {})
    if progress and asked.status is not None:
        progress.setdefault("status", asked.status)
    told = heartbeat(api.runs, call.lease, progress=progress or None)
    if progress:
        post(api, ())
    return Answer(body={"cancel": told.cancel_requested, "lease_until": told.lease_until})


def events(api: SessionApi, call: Call, asked: schemas.RunEventsAsked) -> Answer:
    """In order, with what the run has used so far."""
    lines = [RunEvent(type=line.type, at=line.at, data=line.data) for line in asked.events]
    recorded = record_run_events(
        api.runs, call.lease, lines, first_no=asked.first_no, usage=asked.usage
    )
    post(api, ())
    return Answer(body={"accepted": recorded.accepted, "cancel": recorded.cancel_requested})


def messages(api: SessionApi, call: Call, asked: schemas.MessagesAsked) -> Answer:
    """The next follow-ups; the first ones without `after`."""
    found = run_messages(api.runs, call.lease, after=int(asked.after or 0))
    return Answer(body={"messages": [asdict(message) for message in found]})


def checkpoint(api: SessionApi, call: Call, asked: schemas.CheckpointAsked) -> Answer:
    """Replaces the one before."""
    draft = CheckpointDraft(data=asked.data, content_sha256=asked.content_sha256, size=asked.size)
    save_checkpoint(api.runs, api.checkpoints, call.lease, draft)
    return Answer(body={})


def artifacts(api: SessionApi, call: Call, asked: schemas.RunArtifactAsked) -> Answer:
    """The id is made from task and name, so that a repeated call replaces."""
    draft = ArtifactDraft(
        name=asked.name,
        type=asked.type,
        format=asked.format,
        content=asked.content,
        content_sha256=asked.content_sha256,
        metadata=asked.metadata,
    )
    added = add_run_artifact(api.runs, api.blobs, call.lease, draft)
    post(api, added.outbox)
    return Answer(body={"artifact_id": added.artifact_id})


def uploads(api: SessionApi, call: Call, asked: schemas.UploadAsked) -> Answer:
    """A place for large content; the lease is checked, so that a lost run gets none."""
    if api.observations.run_shall_stop(**asdict(call.lease)) is None:
        raise LeaseLost(f"The lease on task {call.lease.task_id} is lost.")
    place = api.checkpoints if asked.purpose == "checkpoint" else api.blobs
    upload = place.presign_put(
        project_id=call.lease.project_id, sha256=bytes.fromhex(asked.sha256), size=asked.size
    )
    return Answer(body={"url": upload.url, "headers": upload.headers})


def complete(api: SessionApi, call: Call, asked: schemas.CompleteAsked) -> Answer:
    """The terminal write of a success; repeating it gives the same answer."""
    memories = [
        RunMemory(
            key=memory.key or "",
            type=memory.type,
            content=memory.content,
            tags=memory.tags,
            source=memory.source,
        )
        for memory in asked.memories
    ]
    completion = Completion(
        output=asked.output,
        say=asked.say,
        memories=memories,
        forget=asked.forget,
        usage=asked.usage,
        exit_code=asked.exit_code,
        messages_seen=asked.messages_seen,
    )
    ended = complete_run(api.runs, call.lease, completion)
    post(api, ended.outbox)
    return Answer(body={"status": ended.status})


def fail(api: SessionApi, call: Call, asked: schemas.FailAsked) -> Answer:
    """The terminal write of this attempt; the task may be tried again."""
    report = FailureReport(
        error_class=_error_class(asked.error_class),
        message=asked.message,
        remedy=asked.remedy,
        retryable=asked.retryable,
        exit_code=asked.exit_code,
        usage=asked.usage,
        output=asked.output,
    )
    ended = fail_run(api.runs, call.lease, report, random=api.random)
    post(api, ended.outbox)
    return Answer(body={"status": ended.status})


def release(api: SessionApi, call: Call, _asked: None) -> Answer:
    """Hands the task back unharmed."""
    ended = release_run(api.runs, call.lease)
    post(api, ended.outbox)
    return Answer(body={"status": ended.status})


def _text_size(page: RunContext) -> int:
    return sum(len(str(chunk.get("content") or "").encode()) for chunk in page.chunks)


def _error_class(name: str) -> ErrorClass:
    try:
        return ErrorClass(name)
    except ValueError as exc:
        message = f"must be one of {', '.join(ErrorClass)}"
        raise Invalid(
            f"error_class {message}.", errors=(FieldError(pointer="/error_class", message=message),)
        ) from exc


def _leased(
    method: str,
    action: str,
    handle: Handle,
    shapes: tuple[type[Asked] | None, type[Told]],
    summary: str,
) -> Operation:
    asks, tells = shapes
    return Operation(
        method=method,
        path=f"{_RUN}/{action}",
        name=f"{action}Run" if action in _VERBS else f"{_NAMED.get(action, action)}OfRun",
        summary=summary,
        tag="runs",
        access=Access.LEASE,
        handle=handle,
        asks=asks,
        tells=tells,
    )


_VERBS = frozenset({"complete", "fail", "release"})
_NAMED = {
    "context": "getContext",
    "signal": "awaitSignal",
    "heartbeat": "beatHeart",
    "events": "recordEvents",
    "messages": "getMessages",
    "checkpoint": "saveCheckpoint",
    "artifacts": "addArtifact",
    "uploads": "requestUpload",
}
OPERATIONS: tuple[Operation, ...] = (
    _leased(
        "GET",
        "context",
        context,
        (schemas.ContextAsked, schemas.ContextTold),
        "What was said and remembered in the session.",
    ),
    _leased(
        "GET",
        "signal",
        signal,
        (schemas.SignalAsked, schemas.SignalTold),
        "Whether the run shall stop; wait holds the answer back until it shall.",
    ),
    _leased(
        "POST",
        "heartbeat",
        beat,
        (schemas.HeartbeatAsked, schemas.HeartbeatTold),
        "Extend the lease.",
    ),
    _leased(
        "POST",
        "events",
        events,
        (schemas.RunEventsAsked, schemas.RunEventsTold),
        "Record progress and log lines, and what the run has used so far.",
    ),
    _leased(
        "GET",
        "messages",
        messages,
        (schemas.MessagesAsked, schemas.MessagesTold),
        "Follow-ups to the task, to be worked on before it is completed.",
    ),
    _leased(
        "POST",
        "checkpoint",
        checkpoint,
        (schemas.CheckpointAsked, schemas.CheckpointSavedTold),
        "Leave what the next attempt can go on from; it replaces the one before.",
    ),
    _leased(
        "POST",
        "artifacts",
        artifacts,
        (schemas.RunArtifactAsked, schemas.RunArtifactTold),
        "Hand in a result document; the same name replaces it.",
    ),
    _leased(
        "POST",
        "uploads",
        uploads,
        (schemas.UploadAsked, schemas.UploadTold),
        "Where to PUT content above 4 MB.",
    ),
    _leased(
        "POST",
        "complete",
        complete,
        (schemas.CompleteAsked, schemas.EndedTold),
        "The run succeeded: result and memories in one write.",
    ),
    _leased(
        "POST",
        "fail",
        fail,
        (schemas.FailAsked, schemas.EndedTold),
        "The run did not succeed; the task may be tried again.",
    ),
    _leased(
        "POST",
        "release",
        release,
        (None, schemas.EndedTold),
        "Hand the task back unharmed; the attempt is not charged.",
    ),
)
