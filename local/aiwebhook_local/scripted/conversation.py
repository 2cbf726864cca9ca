"""The common form into which every dialect translates its requests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiwebhook_gateway.jsons import JsonObject
from aiwebhook_local.scripted.scenarios import DEFAULT_SCENARIO, MARKER, ModelStop, ScriptedUsage

_WORKING_DIRECTORY = re.compile(
    r"(?:[Ww]orking directory: |working in the directory: |<cwd>|Workspace Directories:\**\s+- )"
    r"(/[^\n<`]*[^\s<`.])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """A tool that the CLI offers to the model."""

    name: str
    namespace: str | None = None
    custom: bool = False
    """Takes free text instead of a JSON object."""
    parameters: JsonObject = field(default_factory=JsonObject)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTurn:
    """A message of the user's side: its text, and the number of tool results."""

    text: str = ""
    tool_results: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One request. `system` is all the text in which a CLI may name its working directory."""

    model: str
    stream: bool
    turns: Sequence[UserTurn]
    tools: Sequence[OfferedTool]
    system: str = ""
    wants_json: bool = False

    @property
    def scenario(self) -> str:
        """The scenario of the newest marker. Later text without one changes nothing, because CLIs
        insert reminders. Tool results are ignored: a file that the agent reads must not steer it.
        """
        found = MARKER.findall("\n".join(turn.text for turn in self.turns))
        return found[-1] if found else DEFAULT_SCENARIO

    @property
    def tool_results(self) -> int:
        """Tool results since the newest marker."""
        count = 0
        for turn in self.turns:
            count = 0 if MARKER.search(turn.text) else count + turn.tool_results
        return count

    @property
    def directory(self) -> str | None:
        """The CLI's working directory, if it names one."""
        said = "\n".join((self.system, *(turn.text for turn in self.turns)))
        found = _WORKING_DIRECTORY.search(said)
        return found.group(1) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedToolCall:
    """A call in the CLI's own terms; free text for a custom tool."""

    name: str
    arguments: JsonObject | str
    namespace: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What the model answers: a text or a call."""

    number: int
    """The request's number, from which ids are made, so that no two answers share one."""
    content: str | ScriptedToolCall
    stop: ModelStop
    usage: ScriptedUsage

    @property
    def id(self) -> str:
        """Unique among the answers of one process."""
        return f"scripted{self.number:08d}"
