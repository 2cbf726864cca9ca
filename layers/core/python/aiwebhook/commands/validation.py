"""From a request to a validated command, or to `Invalid` naming every field that breaks a rule."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aiwebhook.commands.base import CommandContext, CommandRequest
from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec, find_command
from aiwebhook.commands.news import reader_for, telling_of
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.errors import FieldError, Forbidden, Invalid
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.command_rows import (
    Idempotency,
)

MAX_ERRORS = 20
MAX_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A command that breaks no rule, ready to run."""

    spec: CommandSpec
    context: CommandContext
    command: BaseModel


def prepare(request: CommandRequest, *, in_batch: bool = False) -> Prepared:
    """Validate. Raises Invalid, Forbidden (scope); touches no store."""
    spec = find_command(request.command)
    if spec is None:
        raise _unknown_command(request.command)
    _check_scope(spec, request.caller)
    refuse_unstorable(request.data, request.pointer)
    context = CommandContext(
        caller=request.caller,
        command=spec.name,
        session_id=_session_id(spec, request),
        request_id=request.request_id,
        correlation_id=request.correlation_id,
        reader=reader_for(request),
        telling=telling_of(request),
        idempotency=_idempotency(spec, request),
        pointer=request.pointer,
        in_batch=in_batch,
    )
    return Prepared(spec=spec, context=context, command=_model(spec, request))


def fingerprint_of(command: str, session_id: str | None, data: Mapping[str, Any]) -> bytes:
    """SHA-256 of what is asked, the same through every door and for every order of fields."""
    asked = json.dumps([command, session_id, data], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).digest()


def refuse_unstorable(value: object, pointer: str) -> None:
    """Refuse what JSON can say and no database can keep: NUL, lone surrogates, numbers out of
    range.
    """
    errors: list[FieldError] = []
    for error in _unstorable(value, pointer):
        errors.append(error)
        if len(errors) == MAX_ERRORS:
            break
    if errors:
        raise Invalid(_summary(errors), errors=tuple(errors))


def _unstorable(value: object, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, str):
        fault = _text_fault(value)
        if fault:
            yield FieldError(pointer=pointer, message=f"holds {fault}")
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield FieldError(pointer=pointer, message="is a number out of range")
    elif isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            name = str(key)
            fault = _text_fault(name)
            if fault:
                yield FieldError(pointer=pointer, message=f"has a field whose name holds {fault}")
            else:
                yield from _unstorable(item, join(pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _unstorable(item, f"{pointer}/{index}")


def _text_fault(text: str) -> str | None:
    if "\0" in text:
        return "the character U+0000, which cannot be stored"
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "half of a surrogate pair, which is no character"
    return None


def join(pointer: str, name: str | int) -> str:
    """A JSON pointer one step deeper (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


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
    if session_id is None or spec.name == "list_sessions":
        if not spec.needs_session:
            return ""
        error = FieldError(pointer="/session_id", message="is required")
        raise Invalid(
            f"{spec.name} needs a session_id.",
            code="session_id_required",
            remedy="Send session_id beside command; list_sessions tells which exist.",
            errors=(error,),
        )
    return client_id(session_id, "/session_id")


def client_id(value: str, pointer: str) -> str:
    """An id that a client chose. Raises Invalid."""
    if not CLIENT_ID.fullmatch(value):
        message = "must be 1–128 characters: letters, digits, and . _ : - after the first"
        name = pointer.rsplit("/", 1)[-1]
        raise Invalid(f"{name} {message}.", errors=(FieldError(pointer=pointer, message=message),))
    return value


def check_idempotency_key(key: str) -> None:
    """Raises Invalid for what no door takes as an idempotency key."""
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        message = f"must be 1–{MAX_KEY} printable ASCII characters"
        error = FieldError(pointer="/request_id", message=message)
        raise Invalid(f"The idempotency key {message}.", errors=(error,))


def _idempotency(spec: CommandSpec, request: CommandRequest) -> Idempotency | None:
    key = request.idempotency_key
    if key is None or not spec.writes:
        return None
    check_idempotency_key(key)
    fingerprint = request.fingerprint or fingerprint_of(spec.name, request.session_id, request.data)
    return Idempotency(key=key, fingerprint=fingerprint)


def _model(spec: CommandSpec, request: CommandRequest) -> BaseModel:
    data, pointer = request.data, request.pointer
    if spec.wrapper is not None and set(data) == {spec.wrapper}:
        inner = data[spec.wrapper]
        pointer = join(pointer, spec.wrapper)
        if not isinstance(inner, dict):
            error = FieldError(pointer=pointer, message="must be an object")
            raise Invalid(f"{spec.wrapper} must be an object.", errors=(error,))
        data = cast("dict[str, Any]", inner)
    try:
        return spec.model.model_validate(data)
    except ValidationError as exc:
        raise invalid_of(exc, data=data, pointer=pointer, model=spec.model) from exc


def invalid_of(
    exc: ValidationError, *, data: object, pointer: str, model: type[BaseModel]
) -> Invalid:
    """Our error for pydantic's: one entry per field, in our words, never with the value itself."""
    found: dict[str, FieldError] = {}
    for detail in exc.errors(include_input=False, include_url=False, include_context=True):
        error = _field_error(detail, data, pointer, model)
        found.setdefault(error.pointer, error)
    errors = tuple(found.values())[:MAX_ERRORS]
    return Invalid(_summary(errors), errors=errors)


def _field_error(
    detail: ErrorDetails, data: object, pointer: str, model: type[BaseModel]
) -> FieldError:
    place = pointer
    value: object = data
    for step in detail["loc"]:
        # A step that is no field or index is pydantic's name of a union member.
        if isinstance(value, Mapping) and step in value:
            value = cast("Mapping[object, object]", value)[step]
        elif isinstance(value, list) and isinstance(step, int):
            value = cast("list[object]", value)[step]
        elif detail["type"] != "missing":
            continue
        place = join(place, step)
    if detail["type"] == "extra_forbidden":
        known = ", ".join(sorted(model.model_fields)) if len(detail["loc"]) == 1 else ""
        message = "is not a known field" + (f"; known are {known}" if known else "")
    elif detail["type"] == "missing":
        message = "is required"
    elif detail["type"] == "value_error":
        message = detail["msg"].removeprefix("Value error, ")
    elif detail["type"] == "string_pattern_mismatch" and place.endswith("_id"):
        message = "must be 1–128 characters: letters, digits, and . _ : - after the first"
    else:
        message = detail["msg"].replace("Input should", "should")
    return FieldError(pointer=place, message=message)


def _summary(errors: list[FieldError] | tuple[FieldError, ...]) -> str:
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{first.pointer or 'The request:'} {first.message}{more}."


def _unknown_command(name: str) -> Invalid:
    from difflib import get_close_matches  # noqa: PLC0415 — accepted commands do not pay for it

    close = get_close_matches(name[:100], CATALOGUE, n=1)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    error = FieldError(pointer="/command", message="is not a known command")
    return Invalid(
        "The command is not known.",
        code="unknown_command",
        remedy=f"{hint}Known are: {', '.join(CATALOGUE)}.",
        errors=(error,),
    )
