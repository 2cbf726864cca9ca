"""What an adapter must offer, and what it is given.

An adapter is pure: it turns one turn of a run into a LaunchSpec, and the lines of stdout into
AgentMessages. It starts nothing, writes nothing and kills nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.run import LeasedTask
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.output.messages import AgentMessage
from aiwebhook_runner.process.agent_process import LaunchSpec
from aiwebhook_runner.process.workspace import Workspace

AGENT_NAME = "AI Webhook agent"
AGENT_EMAIL = "agent@aiwebhook.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAccess:
    """The run's own door to a model: the LLM gateway on loopback, never the provider itself."""

    provider: str
    """anthropic, openai or google: whose API is spoken there."""
    base_url: str
    """With the provider's prefix, without a version: http://127.0.0.1:8788/anthropic"""
    token: str = field(repr=False)
    """Of this run; worthless elsewhere and after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CliTurn:
    """One start of the CLI: the task itself, or a follow-up in the same conversation."""

    number: int
    prompt: str
    session_id: str
    """UUID to open the conversation under, for CLIs that let us choose."""
    resume: str | None = None
    """The CLI's id of the conversation to go on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Everything an adapter may use. `environment` is scrubbed, with the declared secrets in it."""

    run: LeasedTask
    context: JsonObject
    workspace: Workspace
    environment: Mapping[str, str] = field(repr=False)
    turn: CliTurn
    model: ModelAccess | None = None
    """None for kinds that talk to no model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnd:
    """The CLI is gone. A negative exit code is a signal, as in subprocess."""

    exit_code: int
    stderr_tail: str = ""


class AgentCannotStart(Exception):
    """The agent cannot be started; the task fails with this class, message and remedy."""

    def __init__(self, error_class: ErrorClass, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.remedy = remedy


class OutputReader(Protocol):
    """Understands the output of one process. Unknown types of lines are ignored: CLIs grow."""

    def read(self, line: bytes) -> Iterable[AgentMessage]:
        """One line of stdout. Raises NotJsonObject (counted) or BrokenRule (noted)."""
        ...

    def finish(self, end: ProcessEnd) -> Iterable[AgentMessage]:
        """What only the end tells: for a CLI, the one place that yields its Result or AgentError.
        Called once, after the last line; exit code 0 without the CLI's own word of success is an
        AgentError. Whether we stopped it ourselves is judged elsewhere, and wins."""
        ...


class Adapter(Protocol):
    """Starts one kind of agent and reads its output."""

    state_paths: tuple[str, ...]
    """What below HOME holds the conversation, for checkpoints; empty when it cannot be resumed."""

    hostile_paths: tuple[str, ...]
    """What of a repository the CLI would obey or run whatever we switch off: put away for the time
    of each turn (workbench.SetAside)."""

    def launch(self, launch: Launch) -> LaunchSpec:
        """How to start one turn. Raises AgentCannotStart."""
        ...

    def reader(self) -> OutputReader:
        """A fresh one for each process."""
        ...


def protocol_input(launch: Launch) -> bytes:
    """The one JSON object that our own protocol puts on stdin."""
    run = launch.run
    return encode(
        {
            "task_id": run.task_id,
            "session_id": run.session_id,
            "task_type": run.task_type or "",
            "description": run.description or "",
            "input": run.input,
            "context": launch.context,
        }
    )


def cli_environment(launch: Launch, own: Mapping[str, str]) -> dict[str, str]:
    """The run's scrubbed environment, what keeps a CLI quiet, and `own` settings of this CLI,
    which nothing outdoes: a secret of the manifest by the same name must not redirect it."""
    return {
        **launch.environment,
        "TERM": "dumb",
        "NO_COLOR": "1",
        "CI": "1",
        # By variable, because Gemini's shell hides the git configuration of HOME.
        "GIT_AUTHOR_NAME": AGENT_NAME,
        "GIT_AUTHOR_EMAIL": AGENT_EMAIL,
        "GIT_COMMITTER_NAME": AGENT_NAME,
        "GIT_COMMITTER_EMAIL": AGENT_EMAIL,
        "GIT_TERMINAL_PROMPT": "0",
        **own,
    }
