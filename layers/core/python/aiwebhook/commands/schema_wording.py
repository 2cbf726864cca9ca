"""What a field wants and what it got, in words, from the JSON schema of its model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from aiwebhook.domain.counted import counted

Schema = dict[str, Any]
_SHOWN = 60
_TIME = "a time with its zone, such as 2026-11-22T10:30:00+01:00"


def choices(schema: Schema, root: Schema) -> Iterator[Schema]:
    """The alternatives of a schema, references followed, null left out.

    A model may say with `anyOf` which of its fields it needs: that makes no alternatives.
    """
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        yield from choices(root["$defs"][name], root)
    elif "anyOf" in schema and "properties" not in schema:
        for each in schema["anyOf"]:
            yield from choices(each, root)
    elif schema.get("type") != "null":
        yield schema


def schema_at(root: Schema, path: Sequence[str | int]) -> Schema:
    """The schema of the value at this path of the data; {} where the model says nothing."""
    schema = root
    for step in path:
        below = [_below(choice, step) for choice in choices(schema, root)]
        schema = next((each for each in below if each), Schema())
    return schema


def _below(schema: Schema, step: str | int) -> Schema | None:
    if isinstance(step, int):
        return schema.get("items")
    properties: Schema = schema.get("properties", {})
    more = schema.get("additionalProperties")
    return properties.get(step) or (cast("Schema", more) if isinstance(more, dict) else None)


def expected(schema: Schema, root: Schema) -> str:
    """`a whole number from 0 to 9`, `one of a, b, c`, `text of 1–500 characters`."""
    kinds = [_one(choice, root) for choice in choices(schema, root)]
    return " or ".join(dict.fromkeys(kinds)) or "another value"


def received(value: object) -> str:
    """What came, short; long text by its length only."""
    if isinstance(value, str):
        if len(value) > _SHOWN or not value.isprintable():
            return f"text of {counted(len(value), 'character')}"
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array" if value else "an empty array"
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else "a number out of range"


def _one(schema: Schema, root: Schema) -> str:
    if "enum" in schema or "const" in schema:
        options = [str(option) for option in schema.get("enum", [schema.get("const")])]
        return options[0] if len(options) == 1 else f"one of {', '.join(options)}"
    kind = schema.get("type")
    if kind in {"integer", "number"}:
        return ("a whole number" if kind == "integer" else "a number") + _range(schema)
    if kind == "boolean":
        return "true or false"
    if kind == "object":
        return "an object"
    if kind == "array":
        return _array(schema, root)
    return _text(schema)


def _text(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return _TIME
    if "pattern" in schema:
        return f"text: {schema.get('description') or schema['pattern']}"
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    return "text" if most is None else f"text of {least}–{most} characters"


def _array(schema: Schema, root: Schema) -> str:
    """`an array of 1 to 1000 elements that are text of 1–500 characters`."""
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    items: Schema = schema.get("items", {})
    of = f" that are {expected(items, root)}" if items else ""
    if most is not None:
        return f"an array of {f'{least} to' if least else 'at most'} {most} elements{of}"
    if least:
        return f"an array of at least {counted(least, 'element')}{of}"
    return f"an array of elements{of}" if of else "an array"


def _range(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if above is not None:
        return f" greater than {above}" + ("" if most is None else f" and at most {most}")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return f" of at least {least}" if least is not None else ""
