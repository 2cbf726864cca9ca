"""Those tables of docs/wire.md that `make docs` writes from the code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.ids import CLIENT_ID
from session_api.routes import OPERATIONS
from tests.support.wire_document import DOCUMENT, document

Row = tuple[str, str, str]
_NAMED = {f"^{CLIENT_ID.pattern}$": "an id", "^[0-9]{1,18}$": "a cursor"}


def operation_rows() -> list[Row]:
    """| Operation | Command | Access |."""
    return [
        (
            f"`{operation.method} {operation.path}`",
            f"`{operation.command}`" if operation.command else "",
            operation.access.value,
        )
        for operation in sorted(OPERATIONS, key=lambda each: (each.path, each.method))
    ]


def parameter_rows() -> list[Row]:
    """| Parameter | Rule | Of |: the same parameter of several commands in one row."""
    found: dict[tuple[str, str], list[str]] = {}
    for command in CATALOGUE.values():
        for name, schema in command.model.model_json_schema().get("properties", {}).items():
            found.setdefault((name, rule(schema)), []).append(f"`{command.name}`")
    return [(f"`{name}`", text, ", ".join(of)) for (name, text), of in sorted(found.items())]


def rule(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    choices: list[dict[str, Any]] = schema.get("anyOf", [schema])
    words = " or ".join(_words(each) for each in choices if each.get("type") != "null")
    default = schema.get("default")
    return words if default is None else f"{words}; else {_shown(default)}"


def _words(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if kind == "array":
        items = f", each {rule(schema['items'])}" if schema.get("items") else ""
        return f"{_range(schema, 'Items', 'items')}{items}"
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = f"–{schema['maximum']:,}" if "maximum" in schema else " or more"
        above = "above " if "exclusiveMinimum" in schema else ""
        return f"{above}{low}{high}"
    if kind == "string":
        return _text(schema)
    return {"object": "an object", "boolean": "`true`, `false`"}.get(str(kind), "criteria")


def _text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern")
    if pattern is not None:
        return _NAMED.get(pattern, f"`{pattern.replace('|', chr(92) + '|')}`")
    if schema.get("format") == "date-time":
        return "a time"
    return _range(schema, "Length", "characters")


def _range(schema: dict[str, Any], of: str, unit: str) -> str:
    low, high = schema.get(f"min{of}"), schema.get(f"max{of}")
    if high is None:
        return unit
    return f"{low}–{high:,} {unit}" if low else f"≤ {high:,} {unit}"


def _shown(value: object) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def write() -> None:
    """Put both tables into the document."""
    text = document()
    tables: tuple[tuple[str, Iterable[Row]], ...] = (
        ("| Operation | Command | Access |", operation_rows()),
        ("| Parameter | Rule | Of |", parameter_rows()),
    )
    for head, rows in tables:
        start = text.index(head)
        end = text.find("\n\n", start)
        body = "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)
        rest = text[end:] if end >= 0 else "\n"
        text = f"{text[:start]}{head}\n|---|---|---|\n{body}{rest}"
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
