"""Refusals that repair: what was received, what is wanted, the nearest known name, an example.

Whoever follows them mechanically succeeds at the second try (tests/door): an error with a
`suggestion` is mended by putting it there, an unknown field by leaving it out or calling it as the
message says, anything else by what stands at the same place of the example.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.schema_wording import Schema, choices, expected, received, schema_at
from aiwebhook.commands.synonyms import VALUES, commands_like, field_meant, nearest, normal
from aiwebhook.errors import FieldError, Invalid

Json = dict[str, Any]
MAX_ERRORS = 20
EXAMPLE_SESSION = "carbon_planning"
ID_RULE = "must be 1–128 characters: letters, digits, and . _ : - after the first"


def join(pointer: str, name: str | int) -> str:
    """A JSON pointer one step deeper (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def below(value: object, pointer: str) -> Any:  # noqa: ANN401 — any JSON
    """What stands at this pointer of an object of objects; None where nothing does."""
    for step in pointer.split("/")[1:]:
        value = cast("Json", value).get(step) if isinstance(value, dict) else None
    return value


def errors_summary(errors: Sequence[FieldError]) -> str:
    """The first error, and how many more there are."""
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{first.pointer or 'The request:'} {first.message}{more}."


def example_of(spec: CommandSpec, *, pointer: str = "/data") -> Json:
    """The smallest complete request of a command, as its door takes it: a message of
    `POST /webhook`, an item of a batch, or the body of a resource.
    """
    data = dict(spec.example)
    if pointer == "":
        return data | ({"session_id": EXAMPLE_SESSION} if spec.needs_session else {})
    head: Json = {"command": spec.name}
    if pointer == "/data":
        head = {"type": "collaborative_session_command", **head}
    if spec.needs_session:
        head["session_id"] = EXAMPLE_SESSION
    elif spec.name == "create_session":
        head["session_id"] = "copper_purchase"
    return head | ({"data": data} if data else {})


def remedy_with(
    example: Mapping[str, Any] | None, what: str = "Correct the fields named in errors."
) -> str:
    """The remedy, with the example behind it."""
    if example is None:
        return what
    return f"{what} A complete example: {json.dumps(dict(example), ensure_ascii=False)}"


def unknown_command(name: str, *, pointer: str = "/command") -> Invalid:
    """There is no command of this name: suggests the likely ones, with an example."""
    meant = commands_like(name)
    hint = ""
    if meant:
        hint = f"Did you mean {' or '.join(repr(each) for each in meant)}? "
    example = example_of(CATALOGUE[meant[0] if meant else "list_sessions"])
    error = FieldError(
        pointer=pointer,
        message=f"is not a known command, got {received(name)}",
        suggestion=meant[0] if meant else None,
    )
    return Invalid(
        "The command is not known.",
        code="unknown_command",
        remedy=remedy_with(example, f"{hint}Known are: {', '.join(CATALOGUE)}."),
        errors=(error,),
        example=example,
    )


def invalid_of(
    exc: ValidationError,
    *,
    data: object,
    pointer: str,
    model: type[BaseModel],
    example: Mapping[str, Any] | None = None,
) -> Invalid:
    """Our error for pydantic's: one entry per field, in our words. `example`: a whole request."""
    schema = model.model_json_schema()
    found: dict[str, FieldError] = {}
    for detail in exc.errors(include_input=False, include_url=False, include_context=True):
        error = _Fault(detail, data, schema, below(example, pointer)).field_error(pointer)
        found.setdefault(error.pointer, error)
    errors = tuple(found.values())[:MAX_ERRORS]
    return Invalid(
        errors_summary(errors),
        errors=errors,
        remedy=None if example is None else remedy_with(example),
        example=example,
    )


def data_path(detail: ErrorDetails, data: object) -> tuple[list[str | int], object]:
    """Where in the data an error is, and what stands there. A step of pydantic's that is neither
    field nor index names a member of a union.
    """
    path: list[str | int] = []
    value = data
    for step in detail["loc"]:
        inside = _inside(value, step)
        if inside is None and detail["type"] != "missing":
            continue
        value = value if inside is None else inside[0]
        path.append(step)
    return path, value


def _inside(value: object, step: str | int) -> tuple[object] | None:
    """What stands one step deeper; None where nothing can."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value)
        return (fields[step],) if step in fields else None
    if isinstance(value, list) and isinstance(step, int):
        return (cast("list[object]", value)[step],)
    return None


class _Fault:
    """One of pydantic's errors, as a field error."""

    def __init__(self, detail: ErrorDetails, data: object, schema: Schema, example: Json) -> None:
        self._detail = detail
        self._root = schema
        self._example = example
        self._path, self._value = data_path(detail, data)
        self._schema = schema_at(schema, self._path)

    def field_error(self, pointer: str) -> FieldError:
        place = pointer
        for step in self._path:
            place = join(place, step)
        kind = self._detail["type"]
        if kind == "extra_forbidden":
            return FieldError(pointer=place, message=self._unknown())
        if kind == "missing":
            return FieldError(
                pointer=place,
                message=f"is required: {expected(self._schema, self._root)}",
                suggestion=self._example_value(),
            )
        if kind == "value_error":
            message = self._detail["msg"].removeprefix("Value error, ")
            if message.startswith("must be") and ", got " not in message:
                message = f"{message}; got {received(self._value)}"
            return FieldError(pointer=place, message=message, suggestion=self._better())
        return FieldError(pointer=place, message=self._must_be(place), suggestion=self._better())

    def _unknown(self) -> str:
        owner = schema_at(self._root, self._path[:-1])
        fields: list[str] = sorted(
            {name for choice in choices(owner, self._root) for name in choice.get("properties", {})}
        )
        name = str(self._path[-1])
        near = field_meant(name, fields) or nearest(name, fields)
        hint = f'; did you mean "{near}"?' if near else ""
        known = f" Known are {', '.join(fields)}." if fields else ""
        return f"is not a known field{hint or '.'}{known}".removesuffix(".")

    def _must_be(self, place: str) -> str:
        if place.endswith("_id") and self._detail["type"] == "string_pattern_mismatch":
            return f"{ID_RULE}; got {received(self._value)}"
        return f"must be {expected(self._schema, self._root)}; got {received(self._value)}"

    def _better(self) -> Any:  # noqa: ANN401 — any JSON
        """What most probably is meant; else what the example has there."""
        for choice in choices(self._schema, self._root):
            found = _alike(self._value, choice)
            if found is not None:
                return found
        return self._example_value()

    def _example_value(self) -> Any:  # noqa: ANN401 — any JSON
        value = below(self._example, "".join(f"/{step}" for step in self._path))
        if value is not None:
            return value
        return next(
            (choice["enum"][0] for choice in choices(self._schema, self._root) if "enum" in choice),
            None,
        )


def _alike(value: object, choice: Schema) -> Any:  # noqa: ANN401 — any JSON
    word = VALUES.get(normal(value)) if isinstance(value, str) else None
    if "enum" in choice:
        options: list[str] = choice["enum"]
        near = nearest(value, options) if isinstance(value, str) else None
        return word if word in options else near
    if choice.get("type") == "integer":
        return _in_range(int(word) if word is not None and word.isdigit() else value, choice)
    if "pattern" in choice:
        return named_like(value, str(choice["pattern"]))
    if choice.get("type") != "string":
        return None
    if isinstance(value, dict):  # {"name": "Ana"} where a name is wanted
        return cast("Json", value).get("name")
    return json.dumps(value) if isinstance(value, int | float) else None


def _in_range(value: object, choice: Schema) -> int | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return int(min(max(value, choice.get("minimum", 0)), choice.get("maximum", 2**31)))


def named_like(value: object, pattern: str) -> str | None:
    """An id that fits the pattern, made of what was given: `My plan` → `My_plan`."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    made = re.sub(r"[^A-Za-z0-9._:-]+", "_", str(value)[:128]).strip("._:-")
    return next((name for name in (made, made.lower()) if re.search(pattern, name)), None)
