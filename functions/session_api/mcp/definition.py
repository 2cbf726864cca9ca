"""What an MCP server serves: tools, resources, prompts and tasks. `production` defines ours,
tests/doors the conformance suite's fixtures; both run on the same core.
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
class RequestContext:
    """One JSON-RPC request and its caller, as tools, resources and prompts see it.

    `notifications` are sent before the result, which makes the response an event stream.
    `in_batch`: the POST has further messages, so nothing may wait.
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
        """Which text this client needs besides structured content."""
        return text_form(self.client, self.request.headers)


Method = Callable[[RequestContext], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool. `mirrored`: argument → the Mcp-Param-* header that must repeat it."""

    describe: Callable[[], Json]
    call: Callable[[RequestContext, Json], Json]
    mirrored: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt: its entry in prompts/list, and the result of prompts/get."""

    listed: Json
    get: Callable[[RequestContext, Json], Json]


class Resources(Protocol):
    """What resources/* serves, by URI."""

    def listed(self, context: RequestContext, /) -> Json:
        """The result of resources/list: `resources`, and `nextCursor` where more follow."""
        ...

    def templates(self) -> Sequence[Json]:
        """The result of resources/templates/list."""
        ...

    def read(self, context: RequestContext, uri: str, /) -> Sequence[Json] | None:
        """The contents; None for an unknown URI."""
        ...


class Tasks(Protocol):
    """The extension io.modelcontextprotocol/tasks. Each raises RpcError for an unknown task."""

    def get(self, context: RequestContext, task_id: str, /) -> Json:
        """The detailed task."""
        ...

    def update(self, context: RequestContext, task_id: str, responses: Json, /) -> None:
        """Pass on the answers to what the task asked."""
        ...

    def cancel(self, context: RequestContext, task_id: str, /) -> None:
        """Ask the task to stop; has no effect on one that has ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDefinition:
    """All that one server serves.

    `more`: methods in addition to those of the core; `older`: methods that 2026-07-28 dropped;
    `capabilities` and `extensions`: how both are announced by initialize and server/discover.
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
