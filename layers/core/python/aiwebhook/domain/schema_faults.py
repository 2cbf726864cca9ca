"""What in a JSON value breaks a JSON Schema (2020-12), described without quoting the value.

The library is imported at the first schema that is really there: importing it costs more than
an accepted command.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from aiwebhook.errors import FieldError

MAX_FAULTS = 20


def schema_faults(
    schema: Mapping[str, Any], value: Mapping[str, Any], *, pointer: str
) -> tuple[FieldError, ...]:
    """At most 20 broken rules, each once; `pointer` is where the value lies in the body."""
    if not schema:
        return ()
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - see above

    found: list[FieldError] = []
    for fault in islice(Draft202012Validator(schema).iter_errors(value), MAX_FAULTS):  # pyright: ignore[reportUnknownMemberType] - untyped library
        steps = "".join(f"/{step}" for step in fault.absolute_path)
        if fault.validator == "required":
            # The library reports each missing field, but names it only in its message.
            missing = (name for name in fault.validator_value if name not in fault.instance)
            found += (
                FieldError(pointer=f"{pointer}{steps}/{name}", message="is required")
                for name in missing
            )
            continue
        # The library's own message quotes the value; ours names the rule only.
        message = f"breaks the agent's rule '{fault.validator}': {_rule(fault.validator_value)}"
        found.append(FieldError(pointer=f"{pointer}{steps}", message=message))
    return tuple(dict.fromkeys(found))


def schema_problem(schema: Mapping[str, Any]) -> str | None:
    """Why this is no JSON Schema; None when it is one."""
    if not schema:
        return None
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - see above
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - see above

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as exc:
        place = "".join(f"/{step}" for step in exc.absolute_path) or "/"
        return f"is no JSON Schema at {place}: {exc.message}"
    return None


def _rule(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"
