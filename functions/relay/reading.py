"""Reads the body of a message: strictly first; if that fails, as the only thing it can mean."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiwebhook.commands.base import COMMAND, KINDS, ConversionNote
from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.commands.refusals import MAX_ERRORS, errors_summary, example_of, remedy_with
from aiwebhook.commands.schema_wording import received
from aiwebhook.commands.synonyms import nearest
from aiwebhook.errors import FieldError, Invalid, MethodNotAllowed, NotJson
from aiwebhook.http import Request, json_body

Json = dict[str, Any]
_FENCE = re.compile(rb"```[a-zA-Z0-9]*[ \t]*\r?\n(.*?)```", re.DOTALL)
_COMMAND_NAME = re.compile(rb"command[\"']?\s*:\s*[\"']([a-z_]{1,40})[\"']", re.IGNORECASE)


def read_message(request: Request, fields: frozenset[str]) -> tuple[Json, list[ConversionNote]]:
    """The message, parsed as far as possible, and notes on what was read leniently. Raises NotJson,
    Invalid, UnsupportedMedia.
    """
    notes: list[ConversionNote] = []
    try:
        body = json_body(request)
    except NotJson as strict:
        body = _unfenced(request, notes)
        if body is None:
            raise _explained(strict, request.body) from strict
    except Invalid as error:
        raise Invalid(
            error.detail,
            code=error.code,
            remedy=remedy_with(_example_in(request.body), error.remedy),
            errors=error.errors,
            example=_example_in(request.body),
        ) from error
    if _well_formed(body, fields):
        return body, notes
    from aiwebhook.commands.message_forms import understand_message  # noqa: PLC0415 — rarely needed

    message, more = understand_message(body, fields)
    return message, notes + more


def kind_of(body: Json) -> object:
    """The type of the message; a command may omit it."""
    return body.get("type") or (COMMAND if "command" in body else None)


def only_post(method: str) -> MethodNotAllowed:
    """The error for other methods: a person with a browser learns what to send."""
    example = example_of(CATALOGUE["create_session"])
    error = MethodNotAllowed(
        f"Messages are POSTed here; {method[:20] or 'this method'} is not possible.",
        remedy=remedy_with(
            example,
            "POST one JSON object with type, command, session_id and data, as application/json with"
            " 'Authorization: Bearer <key>'. GET /docs shows everything.",
        ),
        example=example,
    )
    error.allow = ("POST",)
    return error


def unknown_type(body: Json) -> Invalid:
    """The error for a message of unknown type."""
    message = f"must be one of {', '.join(KINDS)}; got {received(body.get('type'))}"
    given = body.get("type")
    near = nearest(given, KINDS) if isinstance(given, str) else None
    errors = [FieldError(pointer="/type", message=message, suggestion=near or COMMAND)]
    if "command" not in body:
        errors.append(FieldError(pointer="/command", message="is required: the name of a command"))
    refusal = invalid_command(errors, body.get("command"))
    refusal.code = "unknown_type"
    return refusal


def invalid_command(errors: Sequence[FieldError], command: object) -> Invalid:
    """The error for an invalid command, with an example of it, or of a harmless one if
    none is named.
    """
    spec = find_command(command) or CATALOGUE["list_sessions"]
    example = example_of(spec)
    shown = tuple(errors[:MAX_ERRORS])
    return Invalid(
        errors_summary(shown), errors=shown, remedy=remedy_with(example), example=example
    )


def _well_formed(body: Json, fields: frozenset[str]) -> bool:
    kind = kind_of(body)
    if kind != COMMAND:
        return kind in KINDS
    data = body.get("data")
    return (
        set(body) <= fields
        and isinstance(data, dict | None)
        and find_command(body.get("command")) is not None
        and not (data and ("session_id" in data or "sessionId" in data))
    )


def _unfenced(request: Request, notes: list[ConversionNote]) -> Json | None:
    """The object inside a Markdown fence, or inside a JSON text; None if there is none."""
    fences = _FENCE.findall(request.body)
    inner: bytes | None = fences[0] if len(fences) == 1 else None
    if inner is None and request.body.lstrip().startswith(b'"'):
        inner = _text_in(request.body)
    if inner is None:
        return None
    try:
        body = json_body(replace(request, body=inner))
    except NotJson:
        return None
    what = "was taken out of its code fence" if fences else "was text that holds JSON"
    notes.append(ConversionNote(pointer="the body", message=what))
    return body


def _text_in(body: bytes) -> bytes | None:
    try:
        text = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else None


def _explained(strict: NotJson, body: bytes) -> NotJson:
    """The same error, with its cause where that can be determined, and an example
    of the command.
    """
    from aiwebhook.json_faults import json_fault  # noqa: PLC0415 — as above

    example = _example_in(body)
    fault = json_fault(body)
    detail, what = (strict.detail, strict.remedy) if fault is None else fault
    return NotJson(detail, remedy=remedy_with(example, what), example=example)


def _example_in(body: bytes) -> Json:
    found = _COMMAND_NAME.search(body[:10_000])
    spec = find_command(found[1].decode().lower()) if found else None
    return example_of(spec or CATALOGUE["list_sessions"])
