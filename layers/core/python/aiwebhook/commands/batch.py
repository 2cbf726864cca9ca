"""Several commands at once, in order, in one transaction: one commit, one idempotency key.

`atomic`: all or nothing; the first item that fails undoes the batch and is named. Otherwise each
item has a savepoint of its own and a result of its own. What follows a commit (pushes, places in
the queue) follows the one commit of the batch; `wait_s` of an item is not waited for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError

from aiwebhook.commands.base import (
    CommandContext,
    CommandRequest,
    ConversionNote,
    Outcome,
    Phrase,
    shown_notes,
)
from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.commands.execute import after_commit, jsonable
from aiwebhook.commands.fields import ClientId, CommandData
from aiwebhook.commands.message_forms import understand_message
from aiwebhook.commands.refusals import example_of, invalid_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.validation import Prepared, prepare
from aiwebhook.domain.answer_size import ROOM, answer_bytes
from aiwebhook.domain.say_phrases import count_in_words, number_in_words
from aiwebhook.errors import AiWebhookError, FieldError, Invalid, TooLarge, Unavailable
from aiwebhook.ports.command_rows import Json, Written
from aiwebhook.problem import problem_of

MAX_ITEMS = 1000


class Data(CommandData):
    """The commands; a piece of conversation may come first."""

    commands: Annotated[list[Any], Field(min_length=1, max_length=MAX_ITEMS)]
    conversation_chunk: dict[str, Any] | None = None
    atomic: bool = False


class Item(CommandData):
    """One command; without a session_id of its own it is for the batch's session."""

    command: Annotated[str, Field(max_length=100)]
    data: dict[str, Any] | None = None
    session_id: ClientId | None = None
    type: Literal["collaborative_session_command"] | None = None


_ITEM_FIELDS = frozenset({"command", "data", "session_id", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStep:
    """One item on its way: validated or refused, done or failed. `index` None is
    the conversation chunk.
    """

    index: int | None
    command: str
    prepared: Prepared | None = None
    outcome: Outcome | None = None
    error: AiWebhookError | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises Invalid; in atomic mode whatever the first failing item raises."""
    steps = _steps(context, command)
    if command.atomic:
        for step in steps:
            if step.error is not None:
                raise _named(step, step.error)
    done = services.store.atomically(lambda: _run(services, context, steps, atomic=command.atomic))
    finished = [_finished(services, step) for step in done]
    outbox = [row for step in finished if step.outcome for row in step.outcome.outbox]
    return Outcome(
        data=_data(context, finished, atomic=command.atomic),
        session_id=context.session_id or None,
        cursor=_cursor(context, finished),
        outbox=tuple(outbox),
    )


def _steps(context: CommandContext, command: Data) -> list[BatchStep]:
    steps: list[BatchStep] = []
    if command.conversation_chunk is not None:
        chunk = {"command": "append_conversation", "data": command.conversation_chunk}
        steps.append(_step(context, None, chunk, f"{context.pointer}/conversation_chunk"))
    for index, item in enumerate(command.commands):
        steps.append(_step(context, index, item, f"{context.pointer}/commands/{index}"))
    return steps


def _step(context: CommandContext, index: int | None, item: object, pointer: str) -> BatchStep:
    name = ""
    try:
        parsed, notes = _item(context, item, pointer)
        name = parsed.command
        if name == "batch":
            error = FieldError(pointer=f"{pointer}/command", message="must not be batch")
            raise Invalid("A batch cannot hold a batch.", code="nested_batch", errors=(error,))
        request = CommandRequest(
            caller=context.caller,
            command=name,
            session_id=parsed.session_id or context.session_id or None,
            data=parsed.data or {},
            request_id=context.request_id,
            correlation_id=context.correlation_id,
            pointer=pointer if index is None else f"{pointer}/data",
            reader=context.reader.name,
            lenient=context.lenient,
            notes=notes,
        )
        prepared = prepare(request, in_batch=True)
        return BatchStep(index=index, command=prepared.spec.name, prepared=prepared)
    except AiWebhookError as error:
        return BatchStep(index=index, command=name, error=error)


def _item(context: CommandContext, item: object, pointer: str) -> tuple[Item, tuple[str, ...]]:
    notes: list[ConversionNote] = []
    read = item
    if context.lenient and isinstance(item, dict):
        given = cast("Json", item)
        if not set(given) <= _ITEM_FIELDS or find_command(given.get("command")) is None:
            read, notes = understand_message(given, _ITEM_FIELDS)
    try:
        return Item.model_validate(read), shown_notes(notes)
    except ValidationError as exc:
        example = example_of(CATALOGUE["store_memory"], pointer=pointer)
        raise invalid_of(exc, data=read, pointer=pointer, model=Item, example=example) from exc


def _run(
    services: CommandServices, context: CommandContext, steps: Sequence[BatchStep], *, atomic: bool
) -> list[BatchStep]:
    store, change = services.store, context.change()
    if context.idempotency is not None:
        store.reserve_key(change)
    sessions = {s.prepared.context.session_id for s in steps if s.prepared} - {""}
    store.lock_sessions(project_id=context.project_id, session_ids=sorted(sessions))
    done: list[BatchStep] = []
    for step in steps:
        ran = _ran(services, step)
        if atomic and ran.error is not None:
            raise _named(ran, ran.error)
        done.append(ran)
    if context.idempotency is not None:
        data = jsonable(_data(context, done, atomic=atomic))
        store.keep_outcome(change, Written(data=data, cursor=_cursor(context, done)))
    return done


def _ran(services: CommandServices, step: BatchStep) -> BatchStep:
    prepared = step.prepared
    if prepared is None:
        return step
    try:
        with services.store.transaction():
            outcome = prepared.spec.code.handler(services, prepared.context, prepared.command)
            return replace(step, outcome=outcome)
    except Unavailable:
        raise
    except AiWebhookError as error:
        return replace(step, error=error)


def _finished(services: CommandServices, step: BatchStep) -> BatchStep:
    prepared, outcome = step.prepared, step.outcome
    if prepared is None or outcome is None or outcome.existing:
        return step
    finish = prepared.spec.code.finish
    if finish is None:
        return step
    return replace(
        step,
        outcome=after_commit(
            outcome, lambda: finish(services, prepared.context, prepared.command, outcome)
        ),
    )


def _named(step: BatchStep, error: AiWebhookError) -> AiWebhookError:
    """The item's own error, saying which item it was and that nothing of the batch was kept."""
    place = "conversation_chunk" if step.index is None else f"commands/{step.index}"
    return type(error)(
        f"Item {place} ({step.command or 'unknown'}): {error.detail} Nothing was stored.",
        code=error.code,
        remedy=error.remedy,
        errors=error.errors or (FieldError(pointer=f"/data/{place}", message=error.detail),),
    )


def _data(context: CommandContext, steps: Sequence[BatchStep], *, atomic: bool) -> Json:
    results = [_result(context, step) for step in steps]
    _make_room(context, results, steps)
    failed = sum(1 for result in results if result["status"] == "error")
    data: Json = {
        "results": [r for r, step in zip(results, steps, strict=True) if step.index is not None],
        "succeeded": len(steps) - failed,
        "failed": failed,
        "atomic": atomic,
    }
    if steps[0].index is None:
        data["conversation_chunk"] = results[0]
    return data


def _make_room(context: CommandContext, results: list[Json], steps: Sequence[BatchStep]) -> None:
    """What several reads found may be more than one answer takes: those that come last give way."""
    room = ROOM
    for place, step in enumerate(steps):
        size = answer_bytes(results[place])
        if size > room and step.prepared is not None and not step.prepared.spec.writes:
            error = TooLarge(
                "The results of this batch do not fit into one answer.",
                code="answer_too_large",
                remedy="Send this command alone, or in a smaller batch.",
            )
            results[place] = _result(context, replace(step, error=error))
        else:
            room -= size


def _result(context: CommandContext, step: BatchStep) -> Json:
    head: Json = {"index": step.index, "command": step.command}
    if step.error is not None:
        problem = problem_of(step.error, request_id=context.request_id)
        return {**head, "status": "error", "problem": problem}
    prepared, outcome = step.prepared, step.outcome
    if prepared is None or outcome is None:
        raise AssertionError("a step without error has run")
    session_id = outcome.session_id or prepared.context.session_id
    phrase = prepared.spec.code.phrase(prepared.command, outcome.data)
    return {
        **head,
        "status": "success",
        "session_id": session_id or None,
        "message": phrase.message.replace("{session_id}", session_id),
        "say": phrase.say,
        "data": outcome.data,
        "cursor": outcome.cursor,
    } | ({"notes": list(prepared.notes)} if prepared.notes else {})


def _cursor(context: CommandContext, steps: Sequence[BatchStep]) -> int | None:
    """The last event of the batch's own session, or of the last session written to."""
    cursors = [
        step.outcome.cursor
        for step in steps
        if step.outcome is not None
        and step.outcome.cursor is not None
        and (not context.session_id or step.outcome.session_id == context.session_id)
    ]
    return cursors[-1] if cursors else None


def status_of(data: Mapping[str, Any]) -> str:
    """`success`, `partial` or `failed`: by the items, the conversation chunk among them."""
    if not data["failed"]:
        return "success"
    return "partial" if data["succeeded"] else "failed"


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    good, bad = data["succeeded"], data["failed"]
    things = good + bad
    message = f"{good} of {things} {'command' if things == 1 else 'commands'} succeeded"
    return Phrase(message=message, say=_say(good, bad))


def _say(good: int, bad: int) -> str:
    things = good + bad
    if not bad:
        return {1: "I did that.", 2: "I did both things."}.get(
            things, f"I did all {count_in_words(things, 'thing')}."
        )
    if not good:
        return {1: "That did not work.", 2: "Neither of the two things worked."}.get(
            things, f"None of the {count_in_words(things, 'thing')} worked."
        )
    others = "other" if bad == 1 else "others"
    done = f"I did {number_in_words(good)} of {count_in_words(things, 'thing')}."
    return f"{done} The {others} did not work."
