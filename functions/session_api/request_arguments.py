"""From a request to the arguments of an operation, or to an error that names every field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from aiwebhook.commands.refusals import invalid_of
from aiwebhook.commands.validation import refuse_unstorable
from aiwebhook.errors import FieldError, Invalid
from session_api.operation import ApiParams, Operation

Json = dict[str, Any]
Arguments = TypeVar("Arguments", bound=ApiParams)
_LISTS = frozenset({"tags", "types"})
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")
_NUMBERS = frozenset({"ack", "lease_epoch", "limit", "after_seq", "wait", "wait_s"})


def query_arguments(query: Mapping[str, str]) -> Json:
    """A query as JSON: numbers where the text is one, lists from commas. Anything else stays text,
    so that the model reports what is wrong with it.
    """
    return {
        name: [part for part in text.split(",") if part] if name in _LISTS else _number(name, text)
        for name, text in query.items()
    }


def _number(name: str, text: str) -> str | int | float:
    if name not in _NUMBERS or _NUMBER.fullmatch(text) is None:
        return text
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def operation_arguments(operation: Operation, query: Json, body: Json) -> ApiParams | None:
    """The validated arguments of an operation that has a model. Raises Invalid."""
    given = query if operation.reads_query else body
    if operation.command is not None or operation.takes_report:
        return None
    if operation.params is None:
        _refuse_any(given)
        return None
    refuse_unstorable(given, "")
    return validated(operation.params, given)


def validated(model: type[Arguments], given: object, *, pointer: str = "") -> Arguments:
    """`given` as the model wants it. Raises Invalid, which names every field that breaks a rule;
    `pointer` is where `given` stands in the body.
    """
    try:
        return model.model_validate(given, strict=True)
    except ValidationError as exc:
        raise invalid_of(exc, data=given, pointer=pointer, model=model) from exc


def _refuse_any(given: Json) -> None:
    if given:
        errors = tuple(FieldError(pointer=f"/{name}", message="is not known") for name in given)
        raise Invalid("This operation takes no arguments but its path.", errors=errors[:20])
