"""What everything that works on one run shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from aiwebhook.client import Run
from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.adapters import Adapter, LaunchRefused, adapter_for
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.context import gather_context
from aiwebhook_runner.lease.drain import Drain
from aiwebhook_runner.lease.lease_keeper import LeaseKeeper
from aiwebhook_runner.lease.reporter import EventReporter
from aiwebhook_runner.lease.retry import Deadline, call_until_answered
from aiwebhook_runner.lease.run_input import RunInput
from aiwebhook_runner.output.outcome import StopReason
from aiwebhook_runner.process.workspace import Workspace
from aiwebhook_runner.settings import RunnerSettings

Answer = TypeVar("Answer")
TOLD_WITHIN_S = 30.0


def require_secrets(manifest: AgentManifest, environment: Mapping[str, str]) -> None:
    """Raises LaunchRefused when a declared secret is not set."""
    missing = [name for name in manifest.secrets if not environment.get(name)]
    if missing:
        raise LaunchRefused(
            ErrorClass.NO_SECRET,
            f"The agent's secrets are not set: {', '.join(missing)}.",
            remedy="Store them where the task definition takes its secrets from.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """One run, its lease, and how to speak of it."""

    settings: RunnerSettings
    run: RunInput
    lease: Run
    log: JsonLog
    drain: Drain
    keeper: LeaseKeeper
    reporter: EventReporter
    workspace: Workspace
    adapters: Callable[[AgentManifest], Adapter] = adapter_for
    """How an agent of our own protocol is started here."""

    def told_to_stop(self) -> StopReason | None:
        """Why this run shall end although no agent runs that could be stopped; None: go on."""
        if self.keeper.lost.is_set():
            return StopReason.LEASE_LOST
        if self.keeper.cancelled.is_set():
            return StopReason.CANCEL
        return StopReason.DRAIN if self.drain.asked.is_set() else None

    def until_answered(self, call: Callable[[], Answer]) -> Answer:
        """For calls while the run is prepared or between turns. Raises GaveUp when the API is
        silent for too long or we were told to go."""
        silence = Deadline(self.settings.api_silence_s)
        return call_until_answered(call, give_up=self.drain.asked, within_s=silence.left_s)

    def until_told(self, call: Callable[[], Answer]) -> Answer:
        """For what is told beside the work, while there is a lease and, when we were told to go,
        time. Raises GaveUp, soon: the next one replaces it."""
        patience = Deadline(TOLD_WITHIN_S)
        return call_until_answered(
            call,
            give_up=self.keeper.lost,
            within_s=lambda: min(patience.left_s(), self.drain.deadline.left_s()),
        )

    def context(self) -> JsonObject:
        """What the agent needs to know of its session."""
        silence = Deadline(self.settings.api_silence_s)
        return gather_context(
            self.run,
            self.lease,
            lambda call: call_until_answered(
                call, give_up=self.drain.asked, within_s=silence.left_s
            ),
        )

    def agent_environment(self) -> dict[str, str]:
        """Complete, not inherited: what is not listed here, the agent cannot see. Raises
        LaunchRefused when a declared secret is not set."""
        require_secrets(self.run.agent, self.settings.agent_environment)
        return {
            "PATH": self.settings.path,
            "HOME": str(self.workspace.home),
            "TMPDIR": str(self.workspace.tmp),
            "LANG": "C.UTF-8",
            **self.secrets(),
        }

    def secrets(self) -> dict[str, str]:
        """Those that the manifest declares and that are set."""
        own = self.settings.agent_environment
        return {name: own[name] for name in self.run.agent.secrets if own.get(name)}
