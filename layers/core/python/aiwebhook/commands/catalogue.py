"""The command catalogue: every command with its aliases. All doors are made from it.

A command is a module of its name in this package with `Data` (the pydantic model), `handle` (the
use case) and `phrase` (message and say); and, where something follows the commit, `finish` (still
stored with the outcome) and `wait` (a long poll, not stored). Modules are imported when first asked
for: a cold start pays for the commands it gets, not for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.services import CommandServices

if TYPE_CHECKING:
    from aiwebhook.commands.fields import CommandData
    from aiwebhook.commands.mcp_tools import ToolSpec

# The model of `data` differs per command; `Any` keeps each module's own type in its own signature.
CommandHandler = Callable[[CommandServices, CommandContext, Any], Outcome]
Finisher = Callable[[CommandServices, CommandContext, Any, Outcome], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One command. `needs_session`: refused without a session id. `resumes`: it adds to the
    session, so that a paused one goes on. `wrapper`: `data` may lie under it. `example`: the
    smallest complete `data`, shown where a request is refused.
    """

    name: str
    summary: str
    aliases: tuple[str, ...] = ()
    writes: bool = False
    needs_session: bool = True
    resumes: bool = False
    wrapper: str | None = None
    example: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def tool(self) -> ToolSpec | None:
        """What it is called as a tool of /mcp; None where it is none."""
        from aiwebhook.commands.mcp_tools import MCP_TOOLS  # noqa: PLC0415 — only /mcp asks

        return MCP_TOOLS.get(self.name)

    @property
    def code(self) -> CommandCode:
        """Imports the command's module when it is first asked for."""
        return _code_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCode:
    """What a command's module holds."""

    model: type[CommandData]
    """The pydantic model of `data`."""
    handler: CommandHandler
    phrase: Callable[[Any, Mapping[str, Any]], Phrase]
    """Words for an outcome, from the command and the outcome's data alone: a replay says the
    same."""
    status_of: Callable[[Mapping[str, Any]], str] | None
    """What `status` a reply has, where it is not always success: from the outcome's data."""
    finish: Finisher | None
    """What completes the outcome after the commit, and is stored with it."""
    wait: Finisher | None
    """The long poll before the answer."""


@cache
def _code_of(name: str) -> CommandCode:
    module = import_module(f"aiwebhook.commands.{name}")
    return CommandCode(
        model=module.Data,
        handler=module.handle,
        phrase=module.phrase,
        status_of=getattr(module, "status_of", None),
        finish=getattr(module, "finish", None),
        wait=getattr(module, "wait", None),
    )


_SPECS = (
    CommandSpec(
        name="create_session",
        summary="Open a session; an id is generated if none is given.",
        writes=True,
        needs_session=False,
        example={"title": "Carbon planning"},
    ),
    CommandSpec(
        name="resume_session",
        summary="Resume a paused or completed session.",
        writes=True,
    ),
    CommandSpec(name="pause_session", summary="Pause an active session.", writes=True),
    CommandSpec(
        name="complete_session",
        summary="Close a session; it accepts nothing new until it is resumed.",
        writes=True,
    ),
    CommandSpec(
        name="delete_session",
        summary="Delete a session and everything in it, permanently.",
        writes=True,
    ),
    CommandSpec(name="list_sessions", summary="List sessions, newest first.", needs_session=False),
    CommandSpec(name="get_session_summary", summary="Show how much a session holds."),
    CommandSpec(
        name="catch_up",
        summary="What you need to go on: last words, decisions, open items, tasks. Read-only.",
    ),
    CommandSpec(
        name="append_conversation",
        aliases=("conversation_chunk",),
        summary="Keep what was said.",
        writes=True,
        resumes=True,
        wrapper="conversation_chunk",
        example={"content": "Ana: We take copper. Ben: Agreed."},
    ),
    CommandSpec(name="get_conversation", summary="What was said, in pages."),
    CommandSpec(
        name="store_memory",
        summary="Remember something; the same key again makes a new version.",
        writes=True,
        resumes=True,
        example={"type": "decision", "content": "We take copper"},
    ),
    CommandSpec(
        name="retrieve_memory",
        summary="Read one memory by its key.",
        example={"key": "copper"},
    ),
    CommandSpec(
        name="forget_memory",
        summary="Forget a memory, all its versions.",
        writes=True,
        example={"key": "copper"},
    ),
    CommandSpec(
        name="query_memories",
        summary="Find memories by type, tags and words.",
        example={"text": "copper"},
    ),
    CommandSpec(name="list_memories", summary="List memories, newest first."),
    CommandSpec(
        name="list_agents",
        summary="Which agents there are, what each can do, and whether it can work now.",
        needs_session=False,
    ),
    CommandSpec(
        name="delegate_task",
        summary="Hand work to an agent in the background.",
        writes=True,
        resumes=True,
        example={"agent_name": "researcher", "description": "What was decided?"},
    ),
    CommandSpec(
        name="get_task",
        summary="A task's status and result.",
        needs_session=False,
        example={"task_id": "task_1"},
    ),
    CommandSpec(
        name="cancel_task",
        summary="Stop a task.",
        writes=True,
        needs_session=False,
        example={"task_id": "task_1"},
    ),
    CommandSpec(
        name="retry_task",
        summary="Queue a failed or cancelled task again.",
        writes=True,
        resumes=True,
        needs_session=False,
        example={"task_id": "task_1"},
    ),
    CommandSpec(
        name="reply_to_task",
        summary="Send a message to a running task.",
        writes=True,
        resumes=True,
        needs_session=False,
        example={"task_id": "task_1", "message": "Yes, go on"},
    ),
    CommandSpec(name="list_tasks", summary="List tasks, newest first.", needs_session=False),
    CommandSpec(
        name="add_artifact",
        summary="Store a result or document.",
        writes=True,
        resumes=True,
        example={"name": "Plan", "type": "document", "content": "# The plan"},
    ),
    CommandSpec(
        name="get_artifact",
        summary="Read an artifact with its content.",
        needs_session=False,
        example={"artifact_id": "art_1"},
    ),
    CommandSpec(
        name="list_artifacts", summary="List artifacts, newest first.", needs_session=False
    ),
    CommandSpec(
        name="get_updates",
        summary="What was not acknowledged yet; without a session_id, of all sessions.",
        needs_session=False,
    ),
    CommandSpec(
        name="ack_updates",
        summary="Acknowledge updates that were delivered; they are not sent again.",
        writes=True,
        needs_session=False,
        example={"ids": ["evt_1"]},
    ),
    CommandSpec(
        name="help",
        summary="How to use this service: all commands, or one with its schema.",
        needs_session=False,
        example={"command": "delegate_task"},
    ),
    CommandSpec(
        name="batch",
        summary="Several commands at once, in order.",
        writes=True,
        needs_session=False,
        example={"commands": [{"command": "list_sessions"}]},
    ),
)

CATALOGUE: Mapping[str, CommandSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})
"""Every command by its name; aliases are in `find_command`."""

_BY_ANY_NAME = {name: spec for spec in _SPECS for name in (spec.name, *spec.aliases)}


def find_command(name: object) -> CommandSpec | None:
    """The command of this name or alias."""
    return _BY_ANY_NAME.get(name) if isinstance(name, str) else None
