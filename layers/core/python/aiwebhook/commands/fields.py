"""Field types of the command models: what a value may be, said once.

Strict: no value is bent into another type. Unknown fields are refused. Null for an optional field
means that it is absent. Times are RFC 3339 text; one that only records, and has no offset, is taken
as UTC, because that is what language models mean when they leave it out.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema

from aiwebhook.domain.memory import MAX_MEMORY_KEY
from aiwebhook.domain.page import MAX_PAGE
from aiwebhook.domain.plain_text import plain_line, plain_text
from aiwebhook.domain.repository import MAX_REF, MAX_REPOSITORY_URL

MAX_TEXT = (
    8 * 1024 * 1024
)  # characters of one chunk or artifact; doors refuse larger bodies earlier
# Bytes of JSON each, for what is free in form; MAX_MEMORY counts characters where it is text.
MAX_METADATA = 64 * 1024
MAX_EXTRACTED = 256 * 1024
MAX_MEMORY = 256 * 1024
MAX_INPUT = 1024 * 1024


class NullIsAbsent(BaseModel):
    """Base of everything a caller sends: null for an optional field is as if it were not there,
    and the JSON schema says so.
    """

    @model_validator(mode="before")
    @classmethod
    def _drop_null(cls, value: Any) -> Any:  # noqa: ANN401 — the JSON edge
        if not isinstance(value, dict):
            return value
        given = cast("dict[str, Any]", value)
        if None not in given.values():
            return given
        fields = cls.model_fields
        return {
            name: item
            for name, item in given.items()
            if item is not None or name not in fields or fields[name].is_required()
        }

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> dict[str, Any]:
        reference = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        if handler.mode == "validation":
            required = schema.get("required", [])
            for name, field in schema.get("properties", {}).items():
                if name not in required:
                    schema["properties"][name] = nullable(field)
        return reference


def one_of_these(how: Literal["anyOf", "oneOf"], **fields: dict[str, Any]) -> ConfigDict:
    """For the JSON schema of a model: which fields must be there, and be no null."""
    choices = [{"required": [name], "properties": {name: rule}} for name, rule in fields.items()]
    extra: dict[str, Any] = {how: choices}
    return ConfigDict(json_schema_extra=extra)


SHOWN = "x-pattern"


def shown_as(pattern: str) -> dict[str, Any]:
    """For the OpenAPI documents: the form of a field whose rule is checked, and refused, in words
    of its own. No `pattern` yet: refusals and lenient reading take that for the rule of a name.
    """
    return {SHOWN: pattern}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a field that may be null."""
    choices: list[dict[str, Any]] = schema.get("anyOf", [])
    if {"type": "null"} in choices:
        return schema
    about = {name: schema[name] for name in ("description", "title", "default") if name in schema}
    if choices:
        return {**schema, "anyOf": [*choices, {"type": "null"}]}
    bare = {name: value for name, value in schema.items() if name not in about}
    return {**about, "anyOf": [bare, {"type": "null"}]}


class CommandData(NullIsAbsent):
    """Base of every command's `data`."""

    # Built on first use: a cold start pays only for the commands it gets.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, defer_build=True, hide_input_in_errors=True
    )


class NoData(CommandData):
    """A command that takes only its session."""


def _parsed_moment(value: object) -> datetime:
    """The time as it was said: with its offset, or with none."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a time, as text")  # noqa: TRY004 — pydantic reads ValueError only
    text = value.strip()
    try:
        # RFC 3339 §5.6 lets T and Z be small.
        moment = datetime.fromisoformat(text[:-1] + "Z" if text.endswith("z") else text)
    except ValueError as exc:
        raise ValueError("must be a time such as 2026-11-22T10:30:00Z") from exc
    try:
        moment.astimezone(UTC)
    except (OverflowError, ValueError) as exc:
        raise ValueError("must be a time between the years 1 and 9999") from exc
    return moment


def _recorded(value: object) -> datetime:
    moment = _parsed_moment(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _utc(value: object) -> datetime:
    return _recorded(value).astimezone(UTC)


def _due(value: object) -> datetime:
    if isinstance(value, str) and len(value.strip()) <= len("2026-11-22"):
        _parsed_moment(value)
        raise ValueError("names a day: say the time of day too, such as 2026-11-22T10:30:00+01:00")
    return _parsed_moment(value)


def _zone(name: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 — most sessions name none

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from exc
    return name


def _whole(value: object) -> object:
    """3.0 is a whole number in JSON Schema, and in JavaScript the same as 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def json_size(limit: int) -> AfterValidator:
    """At most this many bytes of JSON."""

    def check(value: Any) -> Any:  # noqa: ANN401 — the JSON edge
        size = len(json.dumps(value))
        if size > limit:
            raise ValueError(f"must be at most {limit} bytes of JSON, got {size}")
        return value

    return AfterValidator(check)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


# Before the lengths are judged, so that a name of nothing but control characters is no name.
PlainLine = BeforeValidator(lambda value: plain_line(value) if isinstance(value, str) else value)
"""Text of one line that people read: without control characters (domain/plain_text.py)."""
PlainLines = BeforeValidator(lambda value: plain_text(value) if isinstance(value, str) else value)
"""The same of several lines."""


def _base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except ValueError as exc:
        raise ValueError("must be base64 (RFC 4648, with padding, without line breaks)") from exc
    return value


_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
Base64 = Annotated[
    str,
    Field(min_length=4, max_length=MAX_TEXT, json_schema_extra=shown_as(_BASE64)),
    AfterValidator(_base64),
]
_URL = r"^[Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9.:\[\]-]+([/?][!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*)?$"
CallbackUrl = Annotated[str, Field(min_length=1, max_length=2048, json_schema_extra=shown_as(_URL))]
"""What domain/egress.py reads; which of them it calls, no pattern says."""
_REPOSITORY = (
    "^([A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}"
    r"|(https?|file)://[A-Za-z0-9._~:/\[\]!$&'()*+,;=%-]+)$"
)
Repository = Annotated[
    str, Field(min_length=1, max_length=MAX_REPOSITORY_URL, json_schema_extra=shown_as(_REPOSITORY))
]
"""As domain/repository.py reads it."""
Ref = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_REF,
        json_schema_extra=shown_as("^[A-Za-z0-9_][A-Za-z0-9_./+#=@-]*$"),
    ),
]
ContentType = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,99}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,99}"
        r"(; ?charset=[A-Za-z0-9._-]{1,40})?$",
        description="The media type, such as image/png",
    ),
]
ClientId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$",
        description="1–128 characters: letters, digits, and . _ : - after the first",
    ),
]
MemoryKey = Annotated[
    str, Field(min_length=1, max_length=MAX_MEMORY_KEY, description="1–128 characters")
]
"""As runs and people chose it. In a path it is percent-encoded: `key%200`."""
NewMemoryKey = Annotated[MemoryKey, PlainLine]
"""Read aloud and printed like a name, so without control characters."""
WHOLE = BeforeValidator(_whole)
Moment = Annotated[datetime, BeforeValidator(_utc)]
PastMoment = Annotated[datetime, BeforeValidator(_recorded)]
"""Keeps the offset it was said in: it tells which day "today" was."""
DueMoment = Annotated[datetime, BeforeValidator(_due)]
"""A time that decides when something happens: without an offset it is none yet (due_times.py)."""
TimeZone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_zone)]
Title = Annotated[str, Field(min_length=1, max_length=500), PlainLine]
Person = Annotated[str, Field(min_length=1, max_length=200), PlainLine]
People = Annotated[list[Person], Field(max_length=100)]
Tag = Annotated[str, Field(min_length=1, max_length=100), PlainLine]
Tags = Annotated[list[Tag], Field(max_length=50)]
Label = Annotated[str, Field(min_length=1, max_length=100), PlainLine]
Context = Annotated[str, Field(max_length=100_000), PlainLines]
SearchText = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TEXT, json_schema_extra=shown_as(r"\S")),
    AfterValidator(_not_blank),
]
Metadata = Annotated[dict[str, Any], json_size(MAX_METADATA)]
ExtractedItems = Annotated[list[Any] | dict[str, Any], json_size(MAX_EXTRACTED)]
MemoryText = Annotated[str, Field(min_length=1, max_length=MAX_MEMORY)]
MemoryObject = Annotated[dict[str, Any], json_size(MAX_MEMORY)]
TaskInput = Annotated[dict[str, Any], json_size(MAX_INPUT)]
Cursor = Annotated[str, Field(min_length=1, max_length=1000, description="`next_cursor` of a page")]
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE), WHOLE]
AgentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

MemoryTypeName = Literal[
    "idea", "decision", "question", "action_item", "fact", "note", "context", "preference", "risk"
]
ChunkFormat = Literal["dialogue", "summary", "transcript"]
StatusOfTask = Literal[
    "pending", "claimed", "running", "input_required", "completed", "failed", "cancelled"
]
StatusOfSession = Literal["active", "paused", "completed"]
