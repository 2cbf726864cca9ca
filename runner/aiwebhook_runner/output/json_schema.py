"""Whether a JSON value fits a JSON Schema, in one sentence."""

from collections.abc import Mapping
from typing import Any


def breach_of(schema: Mapping[str, object], value: object) -> str | None:
    """None when it fits; else where and why not."""
    import jsonschema  # noqa: PLC0415 - reason: costs more than starting an agent; few runs need it

    # Its types know only JSON that types can spell, and leave what it finds untyped.
    rules: Any = jsonschema
    try:
        rules.Draft202012Validator.check_schema(schema)
    except rules.SchemaError as exc:
        return f"the schema itself is none: {exc}"[:300]
    error = rules.exceptions.best_match(rules.Draft202012Validator(schema).iter_errors(value))
    if error is None:
        return None
    place = "/".join(str(step) for step in error.absolute_path)
    return f"{'at ' + place + ': ' if place else ''}{str(error.message)[:300]}"
