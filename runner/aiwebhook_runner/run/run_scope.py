"""What everything that works on one run shares."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from aiwebhook.client import Run
from aiwebhook.client.runs import RunContextPage
from aiwebhook.domain.agent import AgentManifest, AgentNeed
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.run import MAX_CONTEXT_PAGE, LeasedTask
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.adapters import Adapter, AgentCannotStart, adapter_for
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.lease.drain import Drain
from aiwebhook_runner.lease.lease_keeper import LeaseKeeper
from aiwebhook_runner.lease.reporter import EventReporter
from aiwebhook_runner.lease.retry import Deadline, call_until_answered
from aiwebhook_runner.output.outcome import StopReason
from aiwebhook_runner.process.forked_child import ForkedChild
from aiwebhook_runner.process.workspace import Workspace
from aiwebhook_runner.settings import RunnerSettings

Answer = TypeVar("Answer")
REPORT_WITHIN_S = 30.0
MAX_CONTEXT_BYTES = 256 * 1024 * 1024
"""A larger session is cut, and the agent is told so: context.truncated = true."""


def require_secrets(manifest: AgentManifest, environment: Mapping[str, str]) -> None:
    """Raises AgentCannotStart when a declared secret is not set."""
    missing = [name for name in manifest.secrets if not environment.get(name)]
    if missing:
        raise AgentCannotStart(
            ErrorClass.NO_SECRET,
            f"The agent's secrets are not set: {', '.join(missing)}.",
            remedy="Store them where the task definition takes its secrets from.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """One run, its lease, and how to report on it."""

    settings: RunnerSettings
    run: LeasedTask
    lease: Run
    log: JsonLog
    drain: Drain
    keeper: LeaseKeeper
    reporter: EventReporter
    workspace: Workspace
    adapters: Callable[[AgentManifest], Adapter] = adapter_for
    """How agents that speak our protocol are started here."""
    forked: ForkedChild | None = None
    """Becomes the first process of the agent."""

    def stop_requested(self) -> StopReason | None:
        """Why this run must end although no agent is running; None: continue."""
        if self.keeper.lost.is_set():
            return StopReason.LEASE_LOST
        if self.keeper.cancelled.is_set():
            return StopReason.CANCEL
        return StopReason.DRAIN if self.drain.requested.is_set() else None

    def until_answered(self, call: Callable[[], Answer]) -> Answer:
        """For calls while the run is prepared, or between turns. Raises GaveUp when the API is
        silent for too long or we were told to stop.
        """
        silence = Deadline(self.settings.api_silence_s)
        return call_until_answered(call, give_up=self.drain.requested, within_s=silence.left_s)

    def until_stop_requested(self, call: Callable[[], Answer]) -> Answer:
        """For reports made beside the work, while there is a lease and, after an order to stop,
        time. Raises GaveUp soon: the next report replaces it.
        """
        limit = Deadline(REPORT_WITHIN_S)
        return call_until_answered(
            call,
            give_up=self.keeper.lost,
            within_s=lambda: min(limit.left_s(), self.drain.deadline.left_s()),
        )

    def context(self) -> JsonObject:
        """The part of the session that the manifest `needs`: {session, chunks, memories,
        truncated}. Calls the API only if it needs any. Raises what `call_until_answered` raises.
        """
        needs = self.run.agent.needs
        session: JsonObject = {"session_id": self.run.session_id}
        chunks: list[JsonObject] = []
        memories: list[JsonObject] = []
        size, truncated = 0, False
        for page in self._pages() if needs else ():
            session = page.session or session
            if AgentNeed.CONVERSATION in needs:
                chunks += page.chunks
            if AgentNeed.MEMORIES in needs:
                memories += page.memories
            size += len(encode([page.chunks, page.memories]))
            truncated = size > MAX_CONTEXT_BYTES and page.next is not None
            if truncated:
                break
        return {
            "session": session,
            "truncated": truncated,
            "chunks": chunks,
            "memories": memories,
        }

    def _pages(self) -> Iterator[RunContextPage]:
        silence = Deadline(self.settings.api_silence_s)
        after: str | None = None
        while True:
            read = partial(self.lease.context, after=after, limit=MAX_CONTEXT_PAGE)
            page = call_until_answered(read, give_up=self.drain.requested, within_s=silence.left_s)
            yield page
            after = page.next
            if after is None:
                return

    def agent_environment(self) -> dict[str, str]:
        """Complete, not inherited: the agent sees only what is listed here. Raises AgentCannotStart
        when a declared secret is not set.
        """
        require_secrets(self.run.agent, self.settings.agent_environment)
        return {
            "PATH": self.settings.path,
            "HOME": str(self.workspace.home),
            "TMPDIR": str(self.workspace.tmp),
            "LANG": "C.UTF-8",
            **self.secrets(),
        }

    def secrets(self) -> dict[str, str]:
        """Secrets that the manifest declares and that are set."""
        own = self.settings.agent_environment
        return {name: own[name] for name in self.run.agent.secrets if own.get(name)}
