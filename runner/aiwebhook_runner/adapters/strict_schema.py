"""Whether OpenAI can enforce an output_schema: its strict schemas are a subset of JSON Schema."""

from collections.abc import Mapping

from aiwebhook_runner.adapters.cli_json import as_object, as_texts
from aiwebhook_runner.jsons import JsonObject

_PLAIN = frozenset({"type", "description", "enum", "const", "title"})
_OF_OBJECTS = frozenset({"properties", "required", "additionalProperties"})


def as_strict(schema: Mapping[str, object]) -> JsonObject | None:
    """The schema with every object closed, as strict mode requires. None when it is empty, or says
    what strict mode cannot: an optional or a free field, or an unsupported keyword. Then the schema
    has to be asked for in words.
    """
    properties = as_object(schema.get("properties"))
    if not properties:
        return None
    return _closed_object(schema)


def _strict(schema: object) -> JsonObject | None:
    part = as_object(schema)
    match part.get("type"):
        case "object":
            return _closed_object(part)
        case "array":
            items = _strict(part.get("items"))
            known = part.keys() <= _PLAIN | {"items"}
            return {**part, "items": items} if known and items is not None else None
        case "string" | "number" | "integer" | "boolean" | "null":
            return part if part.keys() <= _PLAIN else None
        case _:
            return None


def _closed_object(schema: Mapping[str, object]) -> JsonObject | None:
    properties = as_object(schema.get("properties"))
    names = set(as_texts(schema.get("required")))
    if not properties or names != properties.keys() or not schema.keys() <= _PLAIN | _OF_OBJECTS:
        return None
    inner = {name: _strict(part) for name, part in properties.items()}
    if None in inner.values():
        return None
    return {**schema, "properties": inner, "additionalProperties": False}
