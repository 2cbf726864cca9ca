"""Those tables of docs/wire.md that `make docs` writes from the code."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.errors import MethodNotAllowed, NotFound
from aiwebhook.ids import CLIENT_ID
from session_api.all_operations import OPERATIONS
from session_api.paths import Paths
from tests.support.wire_document import DOCUMENT, REST, ROOT, Block, blocks, document

Row = tuple[str, str, str]
EXAMPLES = ROOT / "functions/session_api/openapi_examples.json"
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
        for name, schema in command.code.model.model_json_schema().get("properties", {}).items():
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


def examples() -> dict[str, Any]:
    """Requests and answers of the document by command and operation, for the OpenAPI; without those
    that are abridged.
    """
    found: dict[str, dict[str, Any]] = {"data": {}, "requests": {}, "answers": {}}
    asked: Block | None = None
    for block in blocks(document()):
        if block.kind in ("http", "json command"):
            asked = block
        elif block.kind == "json data" and asked is not None:
            spec = find_command(json.loads(asked.body).get("command"))
            if spec is not None:
                found["data"].setdefault(spec.name, _whole(block.value))
        elif block.kind == "http answer" and asked is not None and block.head.startswith("200"):
            _keep_operation(found, asked, block)
    opened = next(b for b in blocks(document()) if b.kind == "http answer")
    found["data"]["create_session"] = opened.value["data"]
    return found


def _keep_operation(found: dict[str, dict[str, Any]], asked: Block, answer: Block) -> None:
    method, target = asked.head.split(" ")
    try:
        operation, _ = Paths(OPERATIONS).find(method, target.partition("?")[0])
    except (NotFound, MethodNotAllowed):
        return
    if operation.command is not None or not answer.body.startswith("{"):
        return
    if f'"{REST}"' not in answer.text:
        found["answers"].setdefault(operation.name, _whole(answer.value))
    if asked.body.startswith("{") and "{" not in asked.body[1:]:
        found["requests"].setdefault(operation.name, json.loads(asked.body))


def _whole(value: Any) -> Any:
    """With something in place of what differs from call to call."""
    if isinstance(value, dict):
        known = cast("dict[str, Any]", value)
        return {name: _whole(item) for name, item in known.items() if name != REST}
    if isinstance(value, list):
        return [_whole(item) for item in cast("list[Any]", value) if item != REST]
    return value.replace(REST, "01a223e7") if isinstance(value, str) else value


def write() -> None:
    """Put both tables into the document, and its examples beside the OpenAPI's maker."""
    text = json.dumps(examples(), indent=1, ensure_ascii=False)
    EXAMPLES.write_text(text + "\n", encoding="utf-8")
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
