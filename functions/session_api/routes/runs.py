"""The Runs API (docs/wire.md): what runs and workers report. The lease epoch fences every write."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiwebhook.domain.answer_size import ROOM, answer_bytes, fitting
from aiwebhook.domain.notes import Notes
from aiwebhook.domain.repair import fitted
from aiwebhook.errors import LeaseLost
from aiwebhook.usecases.fail_run import release_run
from aiwebhook.usecases.granted_waits import AskedWait, granted_poll
from aiwebhook.usecases.run_context import RunContext, run_context
from aiwebhook.usecases.run_messages import run_messages
from aiwebhook.usecases.run_signals import run_signals
from session_api import run_schemas as schemas
from session_api.after_commit import post
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, ApiParams, ApiResult, Handle, Operation
from session_api.pages import paced
from session_api.routes.run_reports import (
    artifacts,
    checkpoint,
    complete,
    events,
    fail,
    heartbeat_run,
)

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_RUN = "/v1/runs/{task_id}"


def context(api: SessionApi, call: ApiCall, params: schemas.ContextParams) -> Answer:
    """A page of what the run may read, reduced until it fits into one response."""
    limit = params.limit
    while True:
        page = run_context(
            api.runs, api.blobs, call.lease, after=int(params.after or 0), limit=limit
        )
        size = answer_bytes(page.chunks) + answer_bytes(page.memories)
        if limit == 1 or size <= ROOM:
            return Answer(body=_bounded(page) if size > ROOM else asdict(page))
        limit = max(1, limit // 4)


def signal(api: SessionApi, call: ApiCall, params: schemas.SignalParams) -> Answer:
    """{"cancel": true} as soon as the run should stop."""

    def look() -> bool | None:
        return _shall_stop(api, call) or None

    asked = AskedWait(
        project_id=call.lease.project_id,
        holder=f"run {call.lease.project_id}/{call.lease.task_id}",
        wait_s=params.wait,
        follows=True,
    )
    polled = granted_poll(look, waits=api.waits, asked=asked, signal=api.observations)
    return Answer(body={"cancel": polled.found is True} | paced(polled))


def messages(api: SessionApi, call: ApiCall, params: schemas.MessagesParams) -> Answer:
    """The next follow-ups after number `after`, or the first ones."""
    found = run_messages(api.runs, call.lease, after=int(params.after or 0))
    return Answer(body={"messages": [asdict(message) for message in found]})


def uploads(api: SessionApi, call: ApiCall, params: schemas.UploadParams) -> Answer:
    """A pre-signed PUT for large content. Raises LeaseLost."""
    _shall_stop(api, call)
    place = api.checkpoints if params.purpose == "checkpoint" else api.blobs
    upload = place.presign_put(
        project_id=call.lease.project_id, sha256=bytes.fromhex(params.sha256), size=params.size
    )
    return Answer(body={"url": upload.url, "headers": upload.headers})


def release(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Return the task to the queue without charging the attempt."""
    ended = release_run(api.runs, call.lease)
    post(api, ended.outbox)
    return Answer(body={"status": ended.status})


def _shall_stop(api: SessionApi, call: ApiCall) -> bool:
    """Whether the run should stop. Raises LeaseLost."""
    (signal,) = run_signals(api.observations, [call.lease])
    if signal.lost:
        raise LeaseLost(f"The lease on task {call.lease.task_id} is lost.")
    return signal.cancel


def _bounded(page: RunContext) -> Json:
    """A first page that exceeds a response: memories and the text of its one chunk are truncated,
    because a run that reads a little less is better than one that reads nothing.
    """
    memories = fitting(page.memories, ROOM // 2)
    chunks = fitted(list(page.chunks), ROOM // 2, Notes(), "", size=answer_bytes)
    return {**asdict(page), "memories": memories, "chunks": chunks}


def _leased(
    method: str,
    action: str,
    handle: Handle,
    shapes: tuple[type[ApiParams] | None, type[ApiResult]],
    summary: str,
) -> Operation:
    params, returns = shapes
    return Operation(
        method=method,
        path=f"{_RUN}/{action}",
        name=_NAMES[action],
        summary=summary,
        tag="runs",
        access=Access.LEASE,
        handle=handle,
        params=params,
        returns=returns,
        takes_report=handle in _REPORTS,
        array_as="events" if handle is events else None,
    )


_REPORTS: frozenset[Handle] = frozenset(
    {heartbeat_run, events, checkpoint, artifacts, complete, fail}
)
_NAMES = {
    "context": "getRunContext",
    "signal": "waitForRunSignal",
    "heartbeat": "heartbeatRun",
    "events": "recordRunEvents",
    "messages": "getRunMessages",
    "checkpoint": "saveRunCheckpoint",
    "artifacts": "addRunArtifact",
    "uploads": "requestRunUpload",
    "complete": "completeRun",
    "fail": "failRun",
    "release": "releaseRun",
}
OPERATIONS: tuple[Operation, ...] = (
    _leased(
        "GET",
        "context",
        context,
        (schemas.ContextParams, schemas.ContextResult),
        "What was said and remembered in the session.",
    ),
    _leased(
        "GET",
        "signal",
        signal,
        (schemas.SignalParams, schemas.SignalResult),
        "Whether the run should stop; wait holds the response until it should.",
    ),
    _leased(
        "POST",
        "heartbeat",
        heartbeat_run,
        (schemas.HeartbeatParams, schemas.HeartbeatResult),
        "Extend the lease.",
    ),
    _leased(
        "POST",
        "events",
        events,
        (schemas.RunEventsParams, schemas.RunEventsResult),
        "Record progress and log lines, and what the run has used so far.",
    ),
    _leased(
        "GET",
        "messages",
        messages,
        (schemas.MessagesParams, schemas.MessagesResult),
        "Follow-ups to the task, to be handled before it is completed.",
    ),
    _leased(
        "POST",
        "checkpoint",
        checkpoint,
        (schemas.CheckpointParams, schemas.CheckpointSavedResult),
        "Save a checkpoint for the next attempt to continue from; it replaces the previous one.",
    ),
    _leased(
        "POST",
        "artifacts",
        artifacts,
        (schemas.RunArtifactParams, schemas.RunArtifactResult),
        "Store a result document; the same name replaces it.",
    ),
    _leased(
        "POST",
        "uploads",
        uploads,
        (schemas.UploadParams, schemas.UploadResult),
        "Where to PUT content above 4 MB.",
    ),
    _leased(
        "POST",
        "complete",
        complete,
        (schemas.CompleteParams, schemas.EndedResult),
        "The run succeeded: result and memories in one write.",
    ),
    _leased(
        "POST",
        "fail",
        fail,
        (schemas.FailParams, schemas.EndedResult),
        "The run failed; the task may be retried.",
    ),
    _leased(
        "POST",
        "release",
        release,
        (None, schemas.EndedResult),
        "Return the task to the queue; the attempt is not counted.",
    ),
)
