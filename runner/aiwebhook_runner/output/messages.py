"""Messages of an agent, whatever its own format: an adapter's reader yields these."""

from dataclasses import dataclass
from typing import TypeAlias

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.notes import Note
from aiwebhook_runner.jsons import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the work is; percent from 0 to 100 when known."""

    message: str
    percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line for the event log."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """The CLI reports the id of its conversation, and what it is."""

    session_id: str
    model: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentText:
    """Text of the model for people, whole."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """The model is thinking; its thoughts are not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """The agent uses a tool; `summary` is one line for people: the command, the path, the query."""

    call_id: str
    name: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """The result of a tool call, in one line."""

    call_id: str
    ok: bool
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChanged:
    """The agent's own tool changed a file; `change` is created, modified or deleted."""

    path: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The agent asks something."""

    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Stored with the terminal write; an existing key gets a new version. The values are the
    agent's own: the report is repaired as a whole (aiwebhook.domain.terminal_report).
    """

    type: object
    content: object
    key: object = None
    tags: object = None
    source: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """A memory to be deleted with the terminal write."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A piece of work: text, or a file of the workspace. A later one of the same name replaces."""

    name: str
    type: object = None
    format: object = None
    content: str | None = None
    path: str | None = None
    metadata: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedUsage:
    """Tokens, cost and the like; later values replace earlier ones of the same name."""

    values: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult:
    """The agent's answer; `say` is fit to be spoken."""

    output: JsonObject
    say: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentError:
    """The agent reports that it failed, and why."""

    error_class: ErrorClass
    message: str
    remedy: str | None = None
    retryable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What of the agent's message was changed or left out."""

    notes: tuple[Note, ...]


AgentMessage: TypeAlias = (
    Progress
    | LogLine
    | SessionStarted
    | AgentText
    | Thinking
    | ToolCall
    | ToolResult
    | FileChanged
    | Question
    | Memory
    | Forget
    | Artifact
    | ReportedUsage
    | AgentResult
    | AgentError
    | Noted
)
