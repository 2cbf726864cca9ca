"""The steps of a script: what the model does, independent of any CLI."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from aiwebhook_gateway.jsons import JsonObject, as_list, as_object, as_text, objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Answer with this text and stop."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Make a file in the working directory with the CLI's tool for that."""

    path: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Run a command line with the CLI's shell tool."""

    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcp:
    """Call a tool of an MCP server."""

    server: str
    tool: str
    arguments: JsonObject = field(default_factory=JsonObject)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTool:
    """Call a tool by exactly this name, even if the CLI offers no such tool."""

    name: str
    arguments: JsonObject = field(default_factory=JsonObject)


Step: TypeAlias = Say | Write | Shell | Mcp | CallTool


class BadScript(ValueError):
    """The script file is invalid; the message says why."""


def read_script(value: object) -> dict[str, Sequence[Step]]:
    """`{"name": [{"write": ["a.txt", "hi"]}, {"shell": "…"}, {"mcp": ["lab", "echo", {…}]},
    {"call": ["Name", {…}]}, {"say": "done"}]}`. Raises BadScript."""
    script = as_object(value)
    if not script:
        raise BadScript("a script is an object: a list of steps by scenario name")
    return {name: _steps(name, steps) for name, steps in script.items()}


def _steps(name: str, value: object) -> list[Step]:
    steps = [_step(item) for item in objects(value)]
    if not steps or len(steps) != len(as_list(value)):
        raise BadScript(f"scenario {name!r} must be a list of steps, and not an empty one")
    return steps


def _step(step: JsonObject) -> Step:
    verb, value = next(iter(step.items()), ("", None))
    parts = as_list(value)
    words = [as_text(part) for part in parts]
    arguments = as_object(parts[-1]) if parts else {}
    match verb, words:
        case "say", []:
            return Say(text=as_text(value))
        case "shell", []:
            return Shell(command=as_text(value))
        case "write", [path, content]:
            return Write(path=path, content=content)
        case "mcp", [server, tool, *_]:
            return Mcp(server=server, tool=tool, arguments=arguments)
        case "call", [name, *_]:
            return CallTool(name=name, arguments=arguments)
        case _:
            raise BadScript(f"not a step: {step}")
