"""From a request to a validated command, or to `Invalid` naming every field that breaks a rule."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from aiwebhook.commands.base import CommandContext, CommandRequest, shown_notes
from aiwebhook.commands.catalogue import CommandSpec, find_command
from aiwebhook.commands.news import news_mode, reader_for
from aiwebhook.commands.refusals import (
    EXAMPLE_SESSION,
    ID_RULE,
    MAX_ERRORS,
    errors_summary,
    example_of,
    invalid_of,
    join,
    named_like,
    remedy_with,
    unknown_command,
)
from aiwebhook.commands.schema_wording import received
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.storable import storable_text
from aiwebhook.errors import FieldError, Forbidden, Invalid
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.command_rows import Idempotency

MAX_IDEMPOTENCY_KEY = 255
_SUGGESTED = 200  # characters of a text that is suggested back, corrected
ModelT = TypeVar("ModelT", bound=BaseModel)
_Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A command that breaks no rule, ready to run."""

    spec: CommandSpec
    context: CommandContext
    command: BaseModel
    notes: tuple[str, ...] = ()


def prepare(request: CommandRequest, *, in_batch: bool = False) -> Prepared:
    """Validate. Raises Invalid, Forbidden (scope); touches no store."""
    spec = find_command(request.command)
    if spec is None:
        raise unknown_command(request.command)
    _check_scope(spec, request.caller)
    refuse_unstorable(
        request.data, request.pointer, example=lambda: example_of(spec, pointer=request.pointer)
    )
    session_id = _session_id(spec, request)
    command, request = _model(spec, request)
    context = CommandContext(
        caller=request.caller,
        command=spec.name,
        session_id=session_id,
        request_id=request.request_id,
        correlation_id=request.correlation_id,
        reader=reader_for(request),
        news_mode=news_mode(request),
        idempotency=_idempotency(spec, request),
        pointer=request.pointer,
        in_batch=in_batch,
        lenient=request.lenient,
        connection=request.connection,
        room=request.room,
    )
    return Prepared(spec=spec, context=context, command=command, notes=request.notes)


def fingerprint_of(command: str, session_id: str | None, data: Mapping[str, Any]) -> bytes:
    """SHA-256 of what is asked, the same through every door and for every order of fields."""
    canonical = json.dumps([command, session_id, data], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()


def refuse_unstorable(
    value: object, pointer: str, *, example: Callable[[], Mapping[str, Any]] | None = None
) -> None:
    """Refuse what JSON can say and no database can keep: NUL, lone surrogates, numbers
    out of range.
    """
    errors = tuple(
        FieldError(pointer=reduce(join, steps, pointer), message=message, suggestion=better)
        for steps, message, better in islice(_unstorable(value, ()), MAX_ERRORS)
    )
    if errors:
        shown = None if example is None else example()
        raise Invalid(
            errors_summary(errors),
            errors=errors,
            remedy=None if shown is None else remedy_with(shown),
            example=shown,
        )


def _unstorable(value: object, steps: _Steps) -> Iterator[tuple[_Steps, str, str | None]]:
    """Where, what is wrong there, and what may stand there instead."""
    if isinstance(value, str):
        fault = _text_fault(value)
        if fault:
            better = storable_text(value) if len(value) <= _SUGGESTED else None
            yield steps, f"holds {fault}", better
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield steps, "is a number out of range", None
    elif isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            name = str(key)
            fault = _text_fault(name)
            if fault:
                yield steps, f"has a field whose name holds {fault}", None
            else:
                yield from _unstorable(item, (*steps, name))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _unstorable(item, (*steps, index))


def _text_fault(text: str) -> str | None:
    if "\0" in text:
        return "the character U+0000, which cannot be stored"
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "half of a surrogate pair, which is no character"
    return None


def _check_scope(spec: CommandSpec, caller: Caller) -> None:
    scope = Scope.COMMANDS if spec.writes else Scope.READ
    if not caller.may(scope):
        raise Forbidden(
            f"The API key lacks the scope '{scope}' that {spec.name} needs.",
            code="scope_missing",
            remedy=f"Use a key with the scope '{scope}'.",
        )


def _session_id(spec: CommandSpec, request: CommandRequest) -> str:
    session_id = request.session_id
    if session_id is None or spec.name in ("list_sessions", "help"):
        if not spec.needs_session:
            return ""
        raise _no_session_id(spec, request)
    if not CLIENT_ID.fullmatch(session_id):
        raise _malformed_session_id(session_id, spec, request)
    return session_id


def _no_session_id(spec: CommandSpec, request: CommandRequest) -> Invalid:
    example = example_of(spec, pointer=request.pointer)
    what = "Send session_id beside command; list_sessions shows which exist."
    return Invalid(
        f"{spec.name} needs a session_id.",
        code="session_id_required",
        remedy=remedy_with(example, what),
        errors=(
            FieldError(pointer="/session_id", message="is required", suggestion=EXAMPLE_SESSION),
        ),
        example=example,
    )


def _malformed_session_id(given: str, spec: CommandSpec, request: CommandRequest) -> Invalid:
    example = example_of(spec, pointer=request.pointer)
    message = f"{ID_RULE}; got {received(given)}"
    better = named_like(given, CLIENT_ID.pattern)
    what = f"Send it as {better}, for example." if better else "Choose another id."
    return Invalid(
        f"session_id {message}.",
        remedy=remedy_with(example, what),
        errors=(FieldError(pointer="/session_id", message=message, suggestion=better),),
        example=example,
    )


def check_idempotency_key(key: str) -> None:
    """Raises Invalid for what no door takes as an idempotency key."""
    if not 0 < len(key) <= MAX_IDEMPOTENCY_KEY or not key.isascii() or not key.isprintable():
        message = f"must be 1–{MAX_IDEMPOTENCY_KEY} printable ASCII characters"
        error = FieldError(pointer="/request_id", message=message)
        raise Invalid(f"The idempotency key {message}.", errors=(error,))


def _idempotency(spec: CommandSpec, request: CommandRequest) -> Idempotency | None:
    key = request.idempotency_key
    if key is None or not spec.writes:
        return None
    check_idempotency_key(key)
    fingerprint = request.fingerprint or fingerprint_of(spec.name, request.session_id, request.data)
    return Idempotency(
        key=key,
        fingerprint=fingerprint,
        arrived_at=request.arrived_at,
        valid_s=request.key_valid_s,
    )


def _model(spec: CommandSpec, request: CommandRequest) -> tuple[BaseModel, CommandRequest]:
    """The validated data; and the request with the data as it was understood, so that the same
    request in the same form has the same fingerprint, and in the right form too.
    """
    data, pointer = request.data, request.pointer
    wrapped = spec.wrapper is not None and set(data) == {spec.wrapper}
    if spec.wrapper is not None and wrapped:
        inner = data[spec.wrapper]
        pointer = join(pointer, spec.wrapper)
        if not isinstance(inner, dict):
            error = FieldError(pointer=pointer, message="must be an object")
            raise Invalid(f"{spec.wrapper} must be an object.", errors=(error,))
        data = cast("dict[str, Any]", inner)
    command, understood, notes = read_as(
        spec.code.model,
        data,
        pointer=pointer,
        lenient=request.lenient,
        example=lambda: example_of(spec, pointer=request.pointer),
    )
    if understood is data:
        return command, request
    if spec.wrapper is not None and wrapped:
        understood = {spec.wrapper: understood}
    return command, replace(request, data=understood, notes=(*request.notes, *notes))


def read_as(
    model: type[ModelT],
    data: Mapping[str, Any],
    *,
    pointer: str,
    lenient: bool,
    example: Callable[[], Mapping[str, Any]],
) -> tuple[ModelT, Mapping[str, Any], tuple[str, ...]]:
    """The validated data, the data as it was understood (the same object where it was in the right
    form), and what was read another way. Raises Invalid.
    """
    try:
        return model.model_validate(data), data, ()
    except ValidationError as exc:
        if not lenient:
            raise invalid_of(
                exc, data=data, pointer=pointer, model=model, example=example()
            ) from exc
    from aiwebhook.commands.understanding import understand  # noqa: PLC0415 — rarely needed

    understood, notes = understand(model, dict(data), pointer=pointer)
    try:
        return model.model_validate(understood), understood, shown_notes(notes)
    except ValidationError as exc:
        refusal = invalid_of(exc, data=understood, pointer=pointer, model=model, example=example())
        refusal.errors = (*(note.as_error() for note in notes if note.renamed), *refusal.errors)
        raise refusal from exc
