"""The tables of docs/wire.md say what the code says; `make docs` writes two of them anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any, cast

from pydantic import BaseModel

from aiwebhook import errors
from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.domain.event import PUBLISHED, EventType
from aiwebhook.domain.identity import Scope
from aiwebhook.problem import problem_of
from tests.support.wire_document import Block, blocks, document, tables
from tests.wire.generated import operation_rows, parameter_rows

UNITS = {
    "KiB": 1024,
    "MiB": 1024**2,
    "min": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "days": 86_400,
}
"""All others count as one: s, bytes, characters, …"""
CODE = re.compile(r"`([^`]+)`")


def coded(cell: str) -> list[str]:
    """What stands in backticks."""
    return CODE.findall(cell)


def amounts(cell: str) -> list[float]:
    """The numbers of a cell in bytes, seconds or whatever it counts; `75 h 35 min` is one."""
    return [
        sum(
            float(number.replace(",", "")) * UNITS.get(unit, 1)
            for number, unit in re.findall(r"([\d.,]*\d) ?(\w*)", part)
        )
        for part in cell.split(", ")
    ]


def constant(place: str) -> list[float]:
    """What the code says: a number, or several."""
    functions: dict[str, Callable[[Any], Any]] = {"len": len, "sum": sum}
    name, _, inner = place.partition("(")
    if name in functions:
        return [float(functions[name](_found(inner.removesuffix(")"))))]
    found = _found(place)
    if isinstance(found, dict):
        return list(cast("dict[Any, float]", found).values())
    if isinstance(found, tuple):
        return list(cast("tuple[float, ...]", found))
    return [_number(found)]


def _found(place: str) -> Any:
    module, _, name = place.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:
        model: type[BaseModel] = _found(module)
        return model.model_fields[name].default


def _number(value: Any) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def test_every_limit_is_that_of_the_code() -> None:
    rows = list(tables(document(), "What", "Limit", "Defined in"))
    wrong = [
        f"{row['What']}: {row['Limit']} is {constant(place)}"
        for row in rows
        for place in coded(row["Defined in"])
        if amounts(row["Limit"]) != constant(place)
    ]
    assert len(rows) > 40
    assert wrong == []


def test_every_quantity_in_a_sentence_is_one_of_these_limits() -> None:
    limits = [row["Limit"] for row in tables(document(), "What", "Limit", "Defined in")]
    known = {amount for limit in limits for amount in amounts(limit)}
    prose = re.sub(r"^(```.*?^```|\|.*?)$", "", document(), flags=re.MULTILINE | re.DOTALL)
    quoted = re.findall(r"\d[\d,.]* (?:s|minutes|hours|KiB|MiB|bytes|characters)\b", prose)
    assert quoted
    assert [text for text in quoted if amounts(text)[0] not in known] == []


def test_every_command_stands_in_a_table_with_its_parameters() -> None:
    shown: dict[str, set[str]] = {}
    for row in tables(document(), "Command", "Parameters", "Result"):
        for name in coded(row["Command"]):
            shown[name] = set(coded(row["Parameters"]))
    assert shown == {name: set(_parameters(name)) for name in CATALOGUE}


def _parameters(command: str) -> Iterator[str]:
    spec = find_command(command)
    assert spec is not None
    schema = spec.code.model.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        choices: list[dict[str, Any]] = field.get("anyOf", [field])
        several = "[]" if choices[0].get("type") == "array" and len(choices) < 3 else ""
        yield f"{name}{several}{'' if name in schema.get('required', []) else '?'}"


def test_every_operation_stands_in_the_table() -> None:
    rows = tables(document(), "Operation", "Command", "Access")
    assert [tuple(row.values()) for row in rows] == operation_rows()


def test_every_parameter_has_its_rule() -> None:
    rows = tables(document(), "Parameter", "Rule", "Of")
    assert [tuple(row.values()) for row in rows] == parameter_rows()


def test_every_event_type_stands_in_the_table() -> None:
    rows = tables(document(), "Type", "Published", "When")
    shown = {coded(row["Type"])[0]: row["Published"] == "yes" for row in rows}
    assert shown == {kind.value: kind in PUBLISHED for kind in EventType}


def test_every_status_stands_in_the_table() -> None:
    shown = {(row["Status"], row["Title"]) for row in tables(document(), "Status", "Title", "When")}
    assert shown == set(_statuses(errors.AiWebhookError))


def _statuses(kind: type[errors.AiWebhookError]) -> Iterator[tuple[str, str]]:
    body = problem_of(kind("any"), request_id="req_1")
    yield str(body["status"]), body["title"]
    for special in kind.__subclasses__():
        if special.__module__ == errors.__name__:
            yield from _statuses(special)


def test_every_scope_stands_in_the_table() -> None:
    rows = tables(document(), "Scope", "May")
    assert {name for row in rows for name in coded(row["Scope"])} == {
        scope.value for scope in Scope
    }


def test_every_field_of_a_reply_stands_in_the_table() -> None:
    rows = tables(document(), "Reply field", "Meaning")
    shown = {name for row in rows for name in coded(row["Reply field"])}
    example: Block = next(block for block in blocks(document()) if block.kind == "http answer")
    assert shown == {*example.value, "notes"}
