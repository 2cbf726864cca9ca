"""What an agent may be, may see and may do: the words a manifest uses."""

from enum import StrEnum


class AgentKind(StrEnum):
    """How an agent is run; `kind` of its manifest."""

    PYTHON = "python"
    """A Python module, run by the runner in a child process of its own."""
    COMMAND = "command"
    """Any executable that reads JSON on stdin and writes JSON lines on stdout."""
    CLAUDE_CODE = "claude_code"
    """Anthropic's Claude Code, headless."""
    CODEX = "codex"
    """OpenAI's Codex, headless."""
    GEMINI = "gemini"
    """Google's Gemini CLI, headless."""
    OPENCODE = "opencode"
    """opencode, with any provider."""
    TEMPLATE = "template"
    """A brief of its own on the first agent of `runs_on` that is installed and has a key; without
    one, the Python module `entrypoint`."""
    WORKER = "worker"
    """Carried out by a connected worker on its own machine; never launched by the service."""


_WITHOUT_FILES = frozenset({AgentKind.PYTHON.value, AgentKind.WORKER.value})


def works_on_files(kind: str | None) -> bool:
    """Whether agents of this kind take a repository."""
    return kind not in _WITHOUT_FILES


CLI_KINDS = (AgentKind.CLAUDE_CODE, AgentKind.CODEX, AgentKind.GEMINI, AgentKind.OPENCODE)
"""Kinds that drive somebody's command-line tool, which talks to a model."""

ON_A_MODEL = (*CLI_KINDS, AgentKind.TEMPLATE)
"""Kinds that may take a model, tools, a brief and a budget."""

READING_MESSAGES = frozenset(kind.value for kind in ON_A_MODEL)
"""Kinds that may read a message to a task under way. A template without a model does not: its run
says at the end what it has not read."""


class AgentNeed(StrEnum):
    """What of the session the agent gets on its stdin."""

    CONVERSATION = "conversation"
    """The chunks of the session, oldest first."""
    MEMORIES = "memories"
    """The current version of every memory of the session."""


class AgentTools(StrEnum):
    """What a command-line agent may do."""

    ALL = "all"
    """Read, write and run anything in its workspace."""
    RESEARCH = "research"
    """Search and fetch on the web, read files; no writing, no shell."""
