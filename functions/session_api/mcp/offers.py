"""What an MCP server offers: tools, resources, prompts, tasks. The core serves whatever is here;
ours are made in `production`, the conformance suite's fixtures in tests/doors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from session_api.mcp.eras import McpClient
from session_api.mcp.profiles import TextForm, text_form

if TYPE_CHECKING:
    from aiwebhook.domain.identity import Caller
    from aiwebhook.http import Request
    from aiwebhook.wiring.session_api import SessionApi

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request as the things offered see it. `notifications` collects messages that go out
    before the result: the answer is an event stream then. `in_batch`: others of the same POST come
    after it, so that nothing waits.
    """

    api: SessionApi
    caller: Caller
    request: Request
    client: McpClient
    params: Json
    in_batch: bool = False
    notifications: list[Json] = field(default_factory=list[Json])

    @property
    def text_form(self) -> TextForm:
        """How the text of results is made for this client."""
        return text_form(self.client, self.request.headers)


Method = Callable[[Turn], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool. `mirrored`: arguments that also come as Mcp-Param-* headers."""

    describe: Callable[[], Json]
    call: Callable[[Turn, Json], Json]
    mirrored: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt: how it is listed, and what prompts/get answers."""

    listed: Json
    get: Callable[[Turn, Json], Json]


class Resources(Protocol):
    """What can be read by address."""

    def listed(self, turn: Turn, /) -> Json:
        """The result of resources/list: `resources`, and `nextCursor` where more follow."""
        ...

    def templates(self) -> Sequence[Json]:
        """The result of resources/templates/list."""
        ...

    def read(self, turn: Turn, uri: str, /) -> Sequence[Json] | None:
        """The contents; None where there is nothing."""
        ...


class Tasks(Protocol):
    """The extension io.modelcontextprotocol/tasks. Each raises RpcError for an unknown task."""

    def get(self, turn: Turn, task_id: str, /) -> Json:
        """The detailed task."""
        ...

    def update(self, turn: Turn, task_id: str, responses: Json, /) -> None:
        """Take answers to what the task asked."""
        ...

    def cancel(self, turn: Turn, task_id: str, /) -> None:
        """Ask it to stop; harmless where it has ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """All of it. `more` are methods beyond those of the core, `older` such that 2026-07-28
    has no longer, `capabilities` and `extensions` what they are called in the answer to
    initialize and server/discover.
    """

    name: str
    title: str
    version: str
    instructions: str
    tools: Mapping[str, Tool]
    prompts: Mapping[str, Prompt]
    resources: Resources
    tasks: Tasks
    more: Mapping[str, Method] = field(default_factory=dict[str, Method])
    older: Mapping[str, Method] = field(default_factory=dict[str, Method])
    capabilities: Json = field(default_factory=dict[str, Any])
    extensions: Json = field(default_factory=dict[str, Any])
