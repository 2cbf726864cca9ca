"""What runs report: events, artifacts, checkpoints and their end. No report is refused for its
content; only a stale lease, or a shape from which nothing can be kept, is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from aiwebhook.domain.attempt import ErrorClass, FailureReport
from aiwebhook.domain.notes import Notes
from aiwebhook.domain.repair import repaired
from aiwebhook.domain.report_json import parse_report
from aiwebhook.domain.run_report import repair_artifact, repair_events, repair_heartbeat
from aiwebhook.domain.terminal_report import repair_completion, repair_failure
from aiwebhook.ports.queue_rows import Completion, RunMemory
from aiwebhook.usecases.add_run_artifact import ArtifactDraft, add_run_artifact
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run
from aiwebhook.usecases.heartbeat import heartbeat
from aiwebhook.usecases.record_run_events import RunEvent, record_run_events
from aiwebhook.usecases.save_checkpoint import CheckpointDraft, save_checkpoint
from session_api import run_schemas as schemas
from session_api.after_commit import post
from session_api.answer import Answer, Json
from session_api.request_arguments import validated

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi
    from session_api.operation import ApiCall


def heartbeat_run(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """Extend the lease; `status` is recorded as progress."""
    report, notes = _report(call)
    params = validated(schemas.HeartbeatParams, repair_heartbeat(report, notes))
    progress = dict(params.progress or {})
    if progress and params.status is not None:
        progress.setdefault("status", params.status)
    extended = heartbeat(api.runs, call.lease, progress=progress or None)
    return Answer(body={"cancel": extended.cancel_requested, "lease_until": extended.lease_until})


def events(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """Record events in order, with what the run has used so far."""
    report, notes = _report(call, array_as="events")
    params = validated(schemas.RunEventsParams, repair_events(report, notes))
    lines = [RunEvent(type=line.type, at=line.at, data=line.data) for line in params.events]
    recorded = record_run_events(
        api.runs, call.lease, lines, first_no=params.first_no, usage=params.usage
    )
    return Answer(body={"accepted": recorded.accepted, "cancel": recorded.cancel_requested})


def checkpoint(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """Save a checkpoint; it replaces the previous one."""
    report, notes = _report(call)
    params = validated(schemas.CheckpointParams, repaired(report, notes, ""))
    draft = CheckpointDraft(
        data=params.data, content_sha256=params.content_sha256, size=params.size
    )
    save_checkpoint(api.runs, api.checkpoints, call.lease, draft)
    return Answer(body={})


def artifacts(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """Store a result document. Its id is derived from task and name, so that a repeated
    call replaces it.
    """
    report, notes = _report(call)
    params = validated(schemas.RunArtifactParams, repair_artifact(report, notes))
    draft = ArtifactDraft(
        name=params.name,
        type=params.type,
        format=params.format,
        content=params.content,
        content_sha256=params.content_sha256,
        content_type=params.content_type,
        metadata=params.metadata,
    )
    added = add_run_artifact(api.runs, api.blobs, call.lease, draft)
    post(api, added.outbox)
    return Answer(body={"artifact_id": added.artifact_id, "notes": notes.as_json() or []})


def complete(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """The terminal write of a success; repeating it returns the same response."""
    completion = completion_of(*_report(call))
    ended = complete_run(api.runs, call.lease, completion, random=api.random)
    post(api, ended.outbox)
    return Answer(body={"status": ended.status})


def completion_of(given: Json, notes: Notes) -> Completion:
    """The report of a success, repaired."""
    report = repair_completion(given, notes)
    body = report.body
    return Completion(
        output=body["output"],
        say=body["say"],
        memories=[RunMemory(**memory) for memory in body["memories"]],
        forget=body["forget"],
        usage=body["usage"],
        exit_code=body["exit_code"],
        messages_seen=body["messages_seen"],
        notes=[note.as_json() for note in report.notes] or None,
    )


def fail(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """The terminal write of a failed attempt; the task may be retried."""
    report = repair_failure(*_report(call))
    body = report.body
    failure = FailureReport(
        error_class=ErrorClass(body["error_class"]),
        message=body["message"],
        remedy=body["remedy"],
        retryable=body["retryable"],
        exit_code=body["exit_code"],
        usage=body["usage"],
        output=body["output"],
        notes=[note.as_json() for note in report.notes] or None,
    )
    ended = fail_run(api.runs, call.lease, failure, random=api.random)
    post(api, ended.outbox)
    return Answer(body={"status": ended.status})


def _report(call: ApiCall, *, array_as: str | None = None) -> tuple[Json, Notes]:
    """The report; a bare array stands for an object with the array under `array_as`. Raises NotJson
    for anything else.
    """
    notes = Notes()
    body = call.body.strip()
    if array_as is not None and body.startswith(b"["):
        body = b'{"%s": %s}' % (array_as.encode(), body)
    return (parse_report(body, notes) if body else {}), notes
