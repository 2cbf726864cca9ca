"""Updates on replies: what finished meanwhile, repeated until its reader acknowledges it.

A reader is one conversation. Only an acknowledgement removes updates: `ack` beside a command, or
ack_updates. It refers to an earlier reply, so it is applied first, and stays in force if the
command is refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from aiwebhook.clock import rfc3339
from aiwebhook.commands.base import CommandRequest, Outcome
from aiwebhook.commands.envelope import NO_READER
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.event import REPORTED
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.say_event import say_event
from aiwebhook.errors import FieldError, Forbidden, Invalid
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.command_rows import (
    Acknowledgement,
    AcknowledgeResult,
    Change,
    Json,
    NewsMode,
    Reader,
)
from aiwebhook.ports.messaging import Event
from aiwebhook.ports.news_rows import Settled, Update, UpdateElsewhere

_LARGEST = 2**63 - 1
MAX_ACK = 100
"""Ids of updates in one acknowledgement, through whatever door."""


def reader_for(request: CommandRequest) -> Reader:
    """Whose news a request is about."""
    name = None if request.reader == NO_READER else request.reader
    return Reader(principal=request.caller.principal, name=name)


def news_mode(request: CommandRequest) -> NewsMode:
    """What its reply does about news."""
    if request.reader == NO_READER:
        return NewsMode.NOTHING
    return NewsMode.SHOWN if request.safe else NewsMode.COUNTED


def require_to_acknowledge(caller: Caller) -> None:
    """Raises Forbidden for a caller who may only read."""
    if not caller.may(Scope.COMMANDS):
        raise Forbidden(
            f"The API key lacks the scope '{Scope.COMMANDS}' that ack needs.",
            code="scope_missing",
            remedy=f"Use a key with the scope '{Scope.COMMANDS}', or leave ack out.",
        )


def acknowledge_first(services: CommandServices, request: CommandRequest, ack: int) -> None:
    """Apply the `ack` beside a command. Raises Forbidden, Invalid, NotFound."""
    if request.reader == NO_READER:
        raise refused_ack("is given, and the reader is 'none', who reads no news", "Leave ack out.")
    require_to_acknowledge(request.caller)
    session_id = request.session_id
    if session_id is None or not CLIENT_ID.fullmatch(session_id):
        raise refused_ack(
            "needs the session_id of the reply whose cursor it is",
            "Send session_id beside ack; ack_updates with ids needs none.",
        )
    done = services.store.acknowledge(
        Change(
            project_id=request.caller.project_id,
            session_id=session_id,
            request_id=request.request_id,
            correlation_id=request.correlation_id,
        ),
        Acknowledgement(reader=reader_for(request), cursor=min(ack, _LARGEST)),
    )
    if done.last_seq is None and request.command != "create_session":
        raise session_missing(session_id)
    refuse_beyond(done, ack, session_id=session_id, pointer="/ack")


def refuse_beyond(done: AcknowledgeResult, cursor: int, *, session_id: str, pointer: str) -> None:
    """Raises Invalid when the cursor lies beyond the session's end."""
    last = done.last_seq or 0
    if cursor > last:
        message = f"must be at most {last}, the last event of session '{session_id}', got {cursor}"
        raise Invalid(
            f"{pointer} {message}.",
            code="ack_beyond_end",
            errors=(FieldError(pointer=pointer, message=message),),
        )


def own_events(outcome: Outcome) -> list[Event]:
    """The news that the command itself made: no news to who sent it. What befell other tasks
    because of it is news.
    """
    if not outcome.outbox:
        return []
    results: Sequence[Json] = outcome.data.get("results") or ()
    datas = [outcome.data, *(result.get("data") or {} for result in results)]
    own = {data.get("task_id") for data in datas} - {None}
    events = (row.event for row in outcome.outbox)
    return [e for e in events if e and e.type in REPORTED and e.task_id in own]


def reported_task(outcome: Outcome) -> tuple[str, str] | None:
    """The task that the reply is about, and how it stands by the reply."""
    task_id, status = outcome.data.get("task_id"), outcome.data.get("status")
    if isinstance(task_id, str) and isinstance(status, str):
        return task_id, status
    return None


def update_of(update: Update) -> Json:
    """News of the session, as replies tell it."""
    return {
        "id": update.event_id,
        "type": update.type,
        "time": rfc3339(update.created_at),
        "task_id": update.task_id,
        "seq": update.seq,
        "times": update.times,
        "say": say_event(update.type, update.data),
        "data": update.data,
    }


def elsewhere_of(update: UpdateElsewhere) -> Json:
    """News of another session, in short."""
    return {
        "id": update.event_id,
        "type": update.type,
        "time": rfc3339(update.created_at),
        "session_id": update.session_id,
        "session_title": update.session_title,
        "task_id": update.task_id,
        "times": update.times,
        "say": say_event(update.type, update.data),
    }


def how_to_acknowledge(settled: Settled) -> str | None:
    """The sentence for the reply's `next`; None if it carries no updates."""
    ids = json.dumps([update.event_id for update in settled.elsewhere])
    here = bool(settled.updates) or settled.reported > 0
    if here and settled.elsewhere:
        return (
            f'Acknowledge the updates with "ack": {settled.cursor} in your next command for this '
            f'session, and elsewhere with ack_updates {{"ids": {ids}}}.'
        )
    if here:
        return (
            f'Acknowledge this with "ack": {settled.cursor} in your next command for this session.'
        )
    if settled.elsewhere:
        return f'Acknowledge elsewhere with the command ack_updates {{"ids": {ids}}}.'
    return None


def refused_ack(message: str, remedy: str, *, code: str = "ack_not_possible") -> Invalid:
    """The error for an `ack` that cannot be applied; `message` goes on after the word "ack"."""
    error = FieldError(pointer="/ack", message=message)
    return Invalid(f"ack {message}.", code=code, remedy=remedy, errors=(error,))
