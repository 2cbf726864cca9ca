"""The catalogue's column for MCP: which commands are tools, and what tool and arguments are called.

Arguments are called as people speak: `session`, `task`, `instructions`. What is no argument here
stays at the command's default. A description says when the tool is of use: at most 300 characters,
no orders to the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

SESSION_ARGUMENT = "session_id"
"""As a field: the session of the command, which lies beside its data."""
LATEST = "latest"
_SESSION = "Id or title of a session, or `latest`"
_TASK = "Id or words of a task, or `latest`"
_WAIT = "Wait up to this many seconds for the result (at most 20)"
_CURSOR = "`next_cursor` of the page before"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolArgument:
    """One argument of a tool: the field of the command's data that it is, and what it says."""

    field: str
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A command as a tool. `idempotent`: the same call again changes nothing more; `open_world`: an
    agent may reach beyond this service.
    """

    name: str
    title: str
    description: str
    arguments: Mapping[str, ToolArgument] = field(default_factory=dict[str, ToolArgument])
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False


def _session(about: str = _SESSION, *, required: bool = True) -> ToolArgument:
    return ToolArgument(field=SESSION_ARGUMENT, about=about, required=required)


_TOOLS: Mapping[str, ToolSpec] = {
    "create_session": ToolSpec(
        name="start_session",
        title="Start a session",
        description="Open a session for a new topic or project: it keeps what is said, what is"
        " decided and the work that is delegated.",
        arguments={
            "title": ToolArgument(field="title", about="A few words to find it by"),
            "goal": ToolArgument(field="context", about="What it is about"),
            "participants": ToolArgument(field="participants", about="Who takes part"),
            "time_zone": ToolArgument(field="time_zone", about="IANA name, such as Europe/Berlin"),
        },
    ),
    "catch_up": ToolSpec(
        name="continue_session",
        title="Continue a session",
        description="Continue an earlier session: its last words, decisions, "
        "open items, and what is under way or done.",
        arguments={"session": _session()},
    ),
    "list_sessions": ToolSpec(
        name="list_sessions",
        title="List sessions",
        description="Find earlier sessions by words or status, newest first.",
        arguments={
            "query": ToolArgument(field="search", about="Words in title, goal or participants"),
            "status": ToolArgument(field="filter", about="Only those"),
            "limit": ToolArgument(field="limit", about="At most this many"),
            "cursor": ToolArgument(field="cursor", about=_CURSOR),
        },
    ),
    "append_conversation": ToolSpec(
        name="add_to_session",
        title="Add to a session",
        description="Keep what was said, word for word or as a summary, so that it can be read in"
        " any other conversation.",
        arguments={
            "session": _session(),
            "content": ToolArgument(field="content", about="What was said", required=True),
            "format": ToolArgument(field="format", about="What kind of text it is"),
            "participants": ToolArgument(field="participants", about="Who spoke"),
        },
    ),
    "store_memory": ToolSpec(
        name="save_memory",
        title="Save a memory",
        description="Remember a decision, fact, idea, question or to-do of a session. The same key"
        " again replaces it.",
        arguments={
            "session": _session(),
            "content": ToolArgument(field="content", about="What to remember", required=True),
            "type": ToolArgument(field="type", about="What kind of memory it is", required=True),
            "key": ToolArgument(field="key", about="A short name to find or replace it by"),
            "tags": ToolArgument(field="tags", about="Words to find it by"),
        },
    ),
    "query_memories": ToolSpec(
        name="search_memories",
        title="Search memories",
        description="Look up what was decided or noted in a session.",
        arguments={
            "session": _session(),
            "query": ToolArgument(field="text", about="Words that must occur"),
            "type": ToolArgument(field="type", about="Only this kind"),
            "tags": ToolArgument(field="tags", about="Only with all of these"),
            "limit": ToolArgument(field="limit", about="At most this many"),
            "cursor": ToolArgument(field="cursor", about=_CURSOR),
        },
    ),
    "forget_memory": ToolSpec(
        name="forget_memory",
        title="Forget a memory",
        description="Delete one memory for good, all its versions.",
        arguments={
            "session": _session("Id or title of a session"),
            "memory": ToolArgument(field="key", about="Its key, or words in it", required=True),
        },
        destructive=True,
    ),
    "list_agents": ToolSpec(
        name="list_agents",
        title="List agents",
        description="Which agents there are, what each can do, and whether it can work now.",
        arguments={
            "agent": ToolArgument(field="agent_name", about="Only this one, with what it takes"),
        },
    ),
    "delegate_task": ToolSpec(
        name="delegate_task",
        title="Delegate a task",
        description="Hand work to an agent that does it in the background: coding in a repository,"
        " research, keeping notes. It returns at once; the result comes as an update.",
        arguments={
            "agent": ToolArgument(
                field="agent_name", about="Which agent; list_agents lists them", required=True
            ),
            "instructions": ToolArgument(
                field="description",
                about="The whole task, as you would brief a person",
                required=True,
            ),
            "session": _session(f"{_SESSION}; left out: the one last used here", required=False),
            "repo": ToolArgument(
                field="repo", about="owner/name, a URL, or the name of one used before"
            ),
            "branch": ToolArgument(field="ref", about="Where to start from"),
            "pr": ToolArgument(field="pr", about="What to do with the changes"),
            "wait_seconds": ToolArgument(field="wait_s", about=_WAIT),
            "not_before": ToolArgument(
                field="not_before", about="Not before this time (with offset)"
            ),
            "deadline": ToolArgument(field="deadline", about="Give up at this time (with offset)"),
            "priority": ToolArgument(field="priority", about="9 is most urgent"),
            "max_cost_usd": ToolArgument(
                field="max_cost_usd", about="Stop before it costs more than this"
            ),
        },
        open_world=True,
    ),
    "list_tasks": ToolSpec(
        name="list_tasks",
        title="List tasks",
        description="See which tasks are under way or done, newest first.",
        arguments={
            "session": _session(required=False),
            "status": ToolArgument(field="status", about="Only those"),
            "agent": ToolArgument(field="agent_name", about="Only of this agent"),
            "limit": ToolArgument(field="limit", about="At most this many"),
            "cursor": ToolArgument(field="cursor", about=_CURSOR),
        },
    ),
    "get_task": ToolSpec(
        name="get_task",
        title="Get a task",
        description="A task's status, its result and the names of "
        "its documents; with `artifact`, the text of one of them.",
        arguments={
            "task": ToolArgument(field="task_id", about=_TASK, required=True),
            "session": _session(required=False),
            "wait_seconds": ToolArgument(field="wait_s", about=_WAIT),
            "artifact": ToolArgument(
                field="artifact",
                about="Name of a document to read; or `output`, `input`, `instructions`",
            ),
            "page": ToolArgument(field="page", about="Which page of it, from 1"),
        },
    ),
    "reply_to_task": ToolSpec(
        name="reply_to_task",
        title="Reply to a task",
        description="Answer an agent's question, or tell it something while it works.",
        arguments={
            "task": ToolArgument(field="task_id", about=_TASK, required=True),
            "message": ToolArgument(field="message", about="What to tell it", required=True),
            "session": _session(required=False),
        },
        open_world=True,
    ),
    "cancel_task": ToolSpec(
        name="cancel_task",
        title="Cancel a task",
        description="Stop a task; what it has done so far is kept.",
        arguments={
            "task": ToolArgument(field="task_id", about="Id or words of a task", required=True),
            "session": _session("Id or title of a session", required=False),
        },
        destructive=True,
    ),
    "get_updates": ToolSpec(
        name="get_updates",
        title="Get updates",
        description="What has finished or needs an answer and has not "
        "been passed on yet; of one session, or of all.",
        arguments={
            "session": _session(required=False),
            "limit": ToolArgument(field="limit", about="At most this many"),
            "cursor": ToolArgument(field="cursor", about=_CURSOR),
        },
    ),
}

MCP_TOOLS: Mapping[str, ToolSpec] = MappingProxyType(_TOOLS)
"""By command; in the order in which tools are listed."""
