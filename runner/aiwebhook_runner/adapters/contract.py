"""The interface of an adapter.

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
    """The run's access to a model: the LLM gateway on loopback, never the provider itself."""

    provider: str
    """anthropic, openai or google: whose API it speaks."""
    base_url: str
    """Includes the provider's prefix, but no version: http://127.0.0.1:8788/anthropic"""
    token: str = field(repr=False)
    """A token of this run; worthless elsewhere and afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CliTurn:
    """One start of the CLI: the task itself, or a follow-up in the same conversation."""

    number: int
    prompt: str
    session_id: str
    """UUID to open the conversation under, for CLIs that let us choose."""
    resume: str | None = None
    """The CLI's id of the conversation to continue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Everything an adapter may use. `environment` is scrubbed and has the declared secrets."""

    run: LeasedTask
    context: JsonObject
    workspace: Workspace
    environment: Mapping[str, str] = field(repr=False)
    turn: CliTurn
    model: ModelAccess | None = None
    """None for kinds that use no model."""


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
    """Parses the output of one process. Unknown types of lines are ignored: CLIs add new ones."""

    def read(self, line: bytes) -> Iterable[AgentMessage]:
        """One line of stdout. Raises NotJsonObject (counted) or BrokenRule (noted)."""
        ...

    def finish(self, end: ProcessEnd) -> Iterable[AgentMessage]:
        """What only the end decides: for a CLI, the one place that yields its Result or AgentError.
        Called once, after the last line; exit code 0 without the CLI's own report of success is an
        AgentError. Whether we stopped it ourselves is decided elsewhere and takes precedence.
        """
        ...


class Adapter(Protocol):
    """Starts one kind of agent and reads its output."""

    state_paths: tuple[str, ...]
    """Paths below HOME that hold the conversation, for checkpoints; empty when it cannot be
    resumed.
    """

    hostile_paths: tuple[str, ...]
    """Paths of a repository that the CLI would obey or execute whatever its switches say: moved
    away for the duration of each turn (workbench.SetAside).
    """

    def launch(self, launch: Launch) -> LaunchSpec:
        """How to start one turn. Raises AgentCannotStart."""
        ...

    def reader(self) -> OutputReader:
        """A new reader for each process."""
        ...


def protocol_input(launch: Launch) -> bytes:
    """The one JSON object that our own protocol sends on stdin."""
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
    """The run's scrubbed environment, settings that keep a CLI quiet, and `own` settings of this
    CLI, which take precedence: a secret of the manifest with the same name must not redirect it.
    """
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
