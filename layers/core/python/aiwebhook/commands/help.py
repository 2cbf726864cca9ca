"""How to use this service: its commands with an example each, or one with its whole schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.fields import SHOWN, CommandData
from aiwebhook.commands.refusals import example_of, unknown_command
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.synonyms import command_named
from aiwebhook.ports.command_rows import Json

GUIDE = "/llm-instructions"


class Data(CommandData):
    """All commands, or one of them."""

    command: Annotated[str, Field(min_length=1, max_length=100)] | None = None


def handle(_services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises Invalid where no command has this name, with the one that may be meant."""
    if command.command is None:
        commands = [_in_short(spec) for spec in CATALOGUE.values()]
        return Outcome(data={"commands": commands, "count": len(commands), "guide": GUIDE})
    name = command_named(command.command)
    if name is None:
        raise unknown_command(command.command, pointer=f"{context.pointer}/command")
    spec = CATALOGUE[name]
    data = _in_short(spec) | {
        "aliases": list(spec.aliases),
        "writes": spec.writes,
        "needs_session": spec.needs_session,
        "schema": _schema(spec),
    }
    return Outcome(data=data)


def _schema(spec: CommandSpec) -> Json:
    schema = spec.code.model.model_json_schema()
    schema.pop("description", None)  # a docstring of ours; the summary says it to callers
    return _plain(schema)


def _plain(schema: Any) -> Any:  # noqa: ANN401 — any JSON
    """Without the names of our classes, which say nothing to a caller."""
    if isinstance(schema, list):
        return [_plain(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    known = cast("dict[str, Any]", schema)
    return {
        "pattern" if name == SHOWN else name: _plain(value)
        for name, value in known.items()
        if not (name == "title" and isinstance(value, str))
    }


def _in_short(spec: CommandSpec) -> Json:
    return {"command": spec.name, "summary": spec.summary, "example": example_of(spec)}


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    if "commands" in data:
        return Phrase(
            message=f"{data['count']} commands; {GUIDE} explains them",
            say="I can keep what is said, remember decisions, and hand work to agents in the"
            " background. Tell me what to do.",
        )
    return Phrase(message=f"How to use {data['command']}", say=data["summary"])
