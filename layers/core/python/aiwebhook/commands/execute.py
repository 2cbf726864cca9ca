"""The one way to run a command, for every door: validate, write once, push, settle, answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from aiwebhook import observability
from aiwebhook.clock import rfc3339
from aiwebhook.commands.base import CommandRequest, Outcome, Reply
from aiwebhook.commands.catalogue import find_command
from aiwebhook.commands.news import (
    acknowledge_first,
    elsewhere_of,
    how_to_acknowledge,
    own_events,
    reported_task,
    update_of,
)
from aiwebhook.commands.replaying import note_on_deletion, replayed_outcome
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.validation import Prepared, prepare
from aiwebhook.domain.plain_text import plain_line, plain_text
from aiwebhook.errors import AiWebhookError, Conflict, Invalid, Unavailable
from aiwebhook.ports.command_rows import (
    Json,
    KeyTaken,
    NewsAhead,
    NewsMode,
    Settlement,
    StoredOutcome,
)
from aiwebhook.ports.news_rows import Settled
from aiwebhook.usecases.publish_outbox import push_outbox

IN_FLIGHT = "idempotency_in_flight"
_NEVER_ALONG = frozenset({"create_session", "batch", "get_updates"})  # no reader; many; the news


def execute(services: CommandServices, request: CommandRequest) -> Reply:
    """Run one command. Raises errors.*; logs one line with its outcome, never its contents."""
    started = time.monotonic()
    outcome = "error"
    try:
        if request.ack is not None:
            acknowledge_first(services, request, request.ack)
        reply = _answer(services, prepare(request))
    except AiWebhookError as error:
        outcome = error.code
        raise
    else:
        outcome = "replayed" if reply.replayed else "success"
        return reply
    finally:
        spec = find_command(request.command)
        name = "unknown" if spec is None else spec.name
        observability.command_done(name, outcome, ms=(time.monotonic() - started) * 1000)


def _answer(services: CommandServices, prepared: Prepared) -> Reply:
    spec, context, command = prepared.spec, prepared.context, prepared.command
    code = spec.code
    found = _find_news(services, prepared)
    outcome, stored = run_once(services, prepared, lambda: code.handler(services, context, command))
    if code.finish is not None and stored is None and not outcome.existing:
        finish = code.finish
        outcome = after_commit(outcome, lambda: finish(services, context, command, outcome))
    settled = _settle(services, prepared, outcome, found, fresh=stored is None)
    if code.wait is not None:
        wait = code.wait
        outcome = after_commit(outcome, lambda: wait(services, context, command, outcome))
    session_id = outcome.session_id or context.session_id or None
    news = settled or Settled()
    phrase = code.phrase(command, outcome.data)
    return Reply(
        command=spec.name,
        session_id=session_id,
        # They repeat what is stored: memories keep what was said, and older rows are not clean.
        message=plain_line(phrase.message.replace("{session_id}", session_id or "")),
        say=plain_text(phrase.say),
        data=jsonable(outcome.data),
        updates=tuple(update_of(row) for row in news.updates),
        updates_more=news.updates_more,
        elsewhere=tuple(elsewhere_of(row) for row in news.elsewhere),
        elsewhere_more=news.elsewhere_more,
        cursor=None if session_id is None else _cursor(settled, outcome),
        next=how_to_acknowledge(news),
        request_id=context.request_id if stored is None else stored.request_id,
        replayed=stored is not None,
        notes=(*prepared.notes, *note_on_deletion(services, context, stored)),
        status="success" if code.status_of is None else code.status_of(outcome.data),
    )


def _find_news(services: CommandServices, prepared: Prepared) -> NewsAhead | None:
    """Of the session that the command names, along with what it does."""
    context = prepared.context
    if context.news_mode is NewsMode.NOTHING or prepared.spec.name in _NEVER_ALONG:
        return None
    settlement = Settlement(
        project_id=context.project_id,
        session_id=context.session_id or None,
        reader=context.reader,
        news_mode=context.news_mode,
        correlation_id=context.correlation_id,
        connection=context.connection,
    )
    return services.store.find_news(settlement, behind=prepared.spec.name == "ack_updates")


def run_once(
    services: CommandServices, prepared: Prepared, work: Callable[[], Outcome]
) -> tuple[Outcome, StoredOutcome | None]:
    """Run a write once per idempotency key; the second time answer what the first one did.

    A repeated write is noticed by the key's unique index, or because its guard no longer holds
    (the session exists, the task has ended): so every refusal first asks whether the key has an
    outcome. If it has none, an earlier try may still be on its way: once this one is refused, that
    one must not take effect.
    """
    try:
        outcome = work()
    except Unavailable:
        raise
    except AiWebhookError as refusal:
        stored = _stored(services, prepared)
        if stored is not None:
            return replayed_outcome(services, prepared.context, stored), stored
        return _refused(services, prepared, work, refusal)
    stored = _stored(services, prepared) if outcome.existing else None
    if stored is not None:
        return replayed_outcome(services, prepared.context, stored), stored
    return outcome, None


def _refused(
    services: CommandServices,
    prepared: Prepared,
    work: Callable[[], Outcome],
    refusal: AiWebhookError,
) -> tuple[Outcome, StoredOutcome | None]:
    """What becomes of a refusal whose key has no outcome. Raises it, as a rule."""
    if isinstance(refusal, KeyTaken):
        return _with_key_freed(services, prepared, work), None
    if prepared.context.idempotency is None or refusal.code == IN_FLIGHT:
        raise refusal
    if not services.store.refuse_earlier_tries(prepared.context.change()):
        stored = _stored(services, prepared)
        if stored is not None:
            return replayed_outcome(services, prepared.context, stored), stored
    raise refusal


def _with_key_freed(
    services: CommandServices, prepared: Prepared, work: Callable[[], Outcome]
) -> Outcome:
    """Of a key that has served its time and is not pruned yet, or only kept earlier tries off."""
    services.store.free_key(prepared.context.change())
    try:
        return work()
    except KeyTaken as exc:
        raise Conflict(
            "A request with the same idempotency key is still under way.", code=IN_FLIGHT
        ) from exc


def _stored(services: CommandServices, prepared: Prepared) -> StoredOutcome | None:
    key = prepared.context.idempotency
    if key is None:
        return None
    stored = services.store.find_outcome(
        project_id=prepared.context.project_id, key=key.key, valid_s=key.valid_s
    )
    if stored is not None and stored.fingerprint != key.fingerprint:
        raise Invalid(
            "This idempotency key was used for another request.",
            code="idempotency_key_reused",
        )
    return stored


def after_commit(outcome: Outcome, step: Callable[[], Outcome]) -> Outcome:
    """A step that only adds to what is committed; when the store is away, go without it."""
    try:
        return step()
    except Unavailable as error:
        observability.warning("step after commit left out", code=error.code)
        return outcome


def _settle(
    services: CommandServices,
    prepared: Prepared,
    outcome: Outcome,
    found: NewsAhead | None,
    *,
    fresh: bool,
) -> Settled | None:
    """What follows the commit, and the news for the reply. None: it did not come to that."""
    context = prepared.context
    rows = outcome.outbox if fresh else ()
    pushed = push_outbox(rows, waker=services.waker, publisher=services.publisher)
    session_id = outcome.session_id or context.session_id or None
    if outcome.includes_news:
        return Settled(cursor=outcome.cursor)
    if (session_id, context.news_mode) == (None, NewsMode.NOTHING) and not prepared.spec.writes:
        return Settled()
    wrote = prepared.spec.writes and fresh and not outcome.existing
    settlement = Settlement(
        project_id=context.project_id,
        session_id=session_id,
        reader=context.reader,
        news_mode=context.news_mode,
        correlation_id=context.correlation_id,
        connection=context.connection,
        reported=reported_task(outcome),
        pushed=pushed,
        changed=wrote,
        wrote=outcome.cursor if wrote else None,
        resumed=sessions_added_to(prepared, outcome) if fresh else (),
        own_events=own_events(outcome) if fresh else (),
        found=found,
    )
    try:
        return services.store.settle(settlement)
    except Unavailable as error:
        # The write is committed; what settling would have done, the sweep and the pollers do.
        observability.warning("settling left to the sweep", code=error.code)
        return None


def sessions_added_to(prepared: Prepared, outcome: Outcome) -> tuple[str, ...]:
    """The sessions that go on by this, if they are paused; of a batch, by the last of its items
    that pauses or adds.
    """
    if prepared.spec.resumes:
        session_id = outcome.session_id or prepared.context.session_id
        return (session_id,) if session_id and not outcome.existing else ()
    done: Sequence[Json] = outcome.data.get("results") or ()
    chunk: Json | None = outcome.data.get("conversation_chunk")
    adds: dict[str, bool] = {}
    for result in (*((chunk,) if chunk else ()), *done):
        spec = find_command(result["command"])
        session_id = result.get("session_id")
        if spec is None or not session_id or result["status"] != "success":
            continue
        if spec.resumes or spec.name == "pause_session":
            adds[session_id] = spec.resumes
    return tuple(session_id for session_id, added in adds.items() if added)


def _cursor(settled: Settled | None, outcome: Outcome) -> int | None:
    """None when the news could not be read: a number might pass over some of it."""
    if settled is None:
        return None
    return outcome.cursor if settled.cursor is None else settled.cursor


def jsonable(value: Any) -> Any:  # noqa: ANN401 — the JSON edge
    """Rows as JSON: times in the one format of our wires."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in cast("list[Any]", value)]
    return value
