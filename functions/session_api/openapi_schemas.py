"""JSON schemas of pydantic's making, as the OpenAPI documents show them."""

from __future__ import annotations

import re
from typing import Any, cast

from pydantic import BaseModel

from aiwebhook.commands.fields import SHOWN
from session_api.openapi_parts import PARAMETERS

Json = dict[str, Any]
REF = "#/components/schemas/"


def query_parameter(name: str, schema: Json, *, required: bool) -> Json:
    """The Parameter Object of a field that is read from the query."""
    plain = {key: value for key, value in schema.items() if key not in ("description", "title")}
    parameter: Json = {
        "name": name,
        "in": "query",
        "description": PARAMETERS.get(name) or schema["description"],
        "schema": plain,
    }
    if required:
        parameter["required"] = True
    if plain.get("type") == "array":
        parameter |= {"style": "form", "explode": False}
    return parameter


def tidy_schema(value: Any, *, without_null: bool) -> Any:  # noqa: ANN401 any JSON
    """Without pydantic's titles. Where null is one of several choices: without it, or with the
    default left out, which would say the same once more.
    """
    if isinstance(value, list):
        return [tidy_schema(item, without_null=without_null) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    schema = dict(cast("Json", value))
    if isinstance(schema.get("title"), str):
        del schema["title"]
    if "$ref" in schema:
        schema["$ref"] = REF + public(str(schema["$ref"]).removeprefix(REF))
    choices: list[Json] = schema.get("anyOf", [])
    if {"type": "null"} in choices:
        if schema.get("default", ...) is None:
            del schema["default"]
        if without_null:
            schema = _without_null(schema)
    if SHOWN in schema:
        schema["pattern"] = schema.pop(SHOWN)
    return {key: tidy_schema(item, without_null=without_null) for key, item in schema.items()}


def nested_schemas(model: type[BaseModel], schemas: dict[str, Json]) -> Json:
    """The schema of what a model takes; those it refers to are added to `schemas`."""
    schema = model.model_json_schema(mode="validation", ref_template=REF + "{model}")
    for name, nested in cast("dict[str, Json]", schema.pop("$defs", {})).items():
        schemas[public(name)] = tidy_schema(nested, without_null=False)
    return tidy_schema(schema, without_null=False)


def _without_null(schema: Json) -> Json:
    rest = [choice for choice in schema["anyOf"] if choice != {"type": "null"}]
    if len(rest) > 1:
        return {**schema, "anyOf": rest}
    bare = {name: value for name, value in schema.items() if name != "anyOf"}
    only = {name: value for name, value in rest[0].items() if name != "title"}
    return {**only, **bare}


def public(name: str) -> str:
    """The name of a model as the documents have it."""
    return re.sub("Result$", "", re.sub("Params$", "Input", name))
