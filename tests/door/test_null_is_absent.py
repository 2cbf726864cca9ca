"""Null means absent, for every optional field of every command and every body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from aiwebhook.commands import run_task_command, store_insight
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.fields import NullIsAbsent
from session_api.all_operations import OPERATIONS
from session_api.operation import ApiParams
from tests.relay.conftest import RelayClient

_ALSO = (run_task_command.TaskCommand, store_insight.InsightMessage)


def input_models() -> list[type[BaseModel]]:
    """Every model of what a caller sends; importing the doors and the catalogue defines them."""
    found: set[type[BaseModel]] = {spec.code.model for spec in CATALOGUE.values()}
    found |= {operation.params for operation in OPERATIONS if operation.params}
    pending: list[type[BaseModel]] = [NullIsAbsent]
    while pending:
        for kind in pending.pop().__subclasses__():
            pending.append(kind)
            found.add(kind)
    return sorted(found, key=lambda model: (model.__module__, model.__qualname__))


def optional_fields() -> Iterator[Any]:
    for model in input_models():
        for name, field in model.model_fields.items():
            if not field.is_required():
                yield pytest.param(model, name, id=f"{model.__module__}.{model.__name__}.{name}")


def faults(model: type[BaseModel], data: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        model.model_validate(data, strict=True)
    except ValidationError as error:
        return [(each["loc"], each["type"]) for each in error.errors()]
    return []


@pytest.mark.req("W2")
def test_every_model_of_an_input_takes_null_for_absent() -> None:
    assert {model for model in input_models() if not issubclass(model, NullIsAbsent)} == set()
    assert len(input_models()) > 40
    assert issubclass(ApiParams, NullIsAbsent)
    assert set(_ALSO) <= set(input_models())


@pytest.mark.req("W2")
@pytest.mark.parametrize(("model", "name"), list(optional_fields()))
def test_null_is_as_if_the_field_were_not_there(model: type[BaseModel], name: str) -> None:
    assert faults(model, {name: None}) == faults(model, {})

    schema = model.model_json_schema()
    field = {**schema["properties"][name], "$defs": schema.get("$defs", {})}
    jsonschema.validate(None, field)


@pytest.mark.req("W2")
def test_null_for_a_field_that_must_be_there_is_refused() -> None:
    model = CATALOGUE["store_memory"].code.model
    assert [loc for loc, _ in faults(model, {"type": None, "content": "x"})] == [("type",)]


@pytest.mark.req("W2")
def test_null_inside_free_form_objects_is_kept(relay: RelayClient) -> None:
    relay.command("create_session", "s", {})
    content = {"a": None, "b": [None]}
    relay.command("store_memory", "s", {"type": "fact", "content": content, "key": "k"})

    answer = relay.command("retrieve_memory", "s", {"key": "k"})

    assert answer.body["data"]["content"] == content


@pytest.mark.req("W2")
@pytest.mark.parametrize("command", sorted(CATALOGUE))
def test_a_command_with_null_for_every_optional_field_is_accepted(
    relay: RelayClient, command: str
) -> None:
    fields = CATALOGUE[command].code.model.model_fields
    nulls = {name: None for name, field in fields.items() if not field.is_required()}

    answer = relay.command(command, "s", nulls)

    named = [error["pointer"] for error in answer.body.get("errors", [])]
    assert [name for name in nulls if f"/data/{name}" in named] == []


@pytest.mark.req("W2")
@pytest.mark.parametrize(("model", "name"), list(optional_fields()))
def test_a_whole_number_may_be_written_with_a_zero_fraction(
    model: type[BaseModel], name: str
) -> None:
    schema = model.model_json_schema()["properties"][name]
    numbers = [each for each in (schema, *schema.get("anyOf", [])) if each.get("type") == "integer"]
    if not numbers:
        return
    value = int(numbers[0].get("minimum", 1))
    found = faults(model, {name: float(value)})
    assert found == faults(model, {name: value})
    assert [loc for loc, _ in found if name in loc] == []
