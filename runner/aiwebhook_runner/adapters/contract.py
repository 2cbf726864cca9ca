"""What an adapter must offer, and what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.messages import AgentMessage
from aiwebhook_runner.process import LaunchSpec
from aiwebhook_runner.runs_api import RunInput
from aiwebhook_runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """Everything an adapter may use. `environment` is scrubbed, with the declared secrets in it."""

    run: RunInput
    context: JsonObject
    workspace: Workspace
    environment: Mapping[str, str] = field(repr=False)


class LaunchRefused(Exception):
    """The agent cannot be started; the task fails with this class, message and remedy."""

    def __init__(self, error_class: ErrorClass, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.remedy = remedy


class Adapter(Protocol):
    """One kind of agent."""

    def launch(self, launch: Launch) -> LaunchSpec:
        """How to start it. Raises LaunchRefused."""
        ...

    def parse(self, line: bytes) -> AgentMessage | None:
        """One line of its stdout. Raises NotJsonObject (borne) or BrokenRule (not borne)."""
        ...


def protocol_input(launch: Launch) -> bytes:
    """The one JSON object that our own protocol puts on stdin."""
    run = launch.run
    return encode(
        {
            "task_id": run.task_id,
            "session_id": run.session_id,
            "task_type": run.task_type,
            "description": run.description,
            "input": run.input,
            "context": launch.context,
        }
    )
