"""`python -m aiwebhook_runner handed`: executes a run that a worker has claimed.

The first line of stdin is the RunInput. Every later line is a message of the worker, which sends
heartbeats for all its runs in one call: {"type": "beat"} means that the lease is confirmed;
"cancel", "lost" and "drain" are orders; "completion" is the result of a report that the run has
printed. The end of stdin means that the worker is gone: stop at once, write nothing.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from aiwebhook.client import Run, TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.domain.agent import AgentKind, AgentManifest
from aiwebhook.domain.run import LeasedTask, RunInputUnreadable
from aiwebhook.errors import Unavailable
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.adapters import Adapter, adapter_for
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object
from aiwebhook_runner.lease.delegated_completion import Answers, DelegatedRun
from aiwebhook_runner.lease.drain import Drain
from aiwebhook_runner.lease.inbox import RunInbox
from aiwebhook_runner.lease.lease_keeper import HEARTBEATS_PER_LEASE, LeaseKeeper, Pace
from aiwebhook_runner.run.leased_run import LeasedRunSupervision
from aiwebhook_runner.settings import RunnerSettings
from aiwebhook_runner.wakeful import wakeful_now
from aiwebhook_runner.worker.local.adapter import LocalAdapter

SILENCE_LOOK_S = 1.0
"""Seconds between two checks of how long the lease has been unconfirmed."""
CLEAN_UP_S = 8.0
"""Seconds for cleaning up after the worker is gone; then the process exits regardless."""


class LeaseFence:
    """Lets requests out only while the lease was confirmed recently.

    After a sleep of the machine, or a pause of the worker, another run may own the task. So nothing
    is sent until the worker has asked: it hears "lost", or the fence opens.
    """

    def __init__(self, *, lease_s: float, now: Callable[[], float] = wakeful_now) -> None:
        self._lease_s = lease_s
        self._now = now
        self._confirmed_at = now()

    def confirm(self) -> None:
        """The server has just extended the lease."""
        self._confirmed_at = self._now()

    def unconfirmed_s(self) -> float:
        """Seconds since the last confirmation, those asleep included."""
        return self._now() - self._confirmed_at

    def check(self) -> None:
        """Raises Unavailable: the call is worth repeating once the lease is confirmed."""
        if self.unconfirmed_s() > self._lease_s:
            raise Unavailable("The lease ran out and is not confirmed yet.", code="lease_run_out")


class DelegatedLease(LeaseKeeper):
    """A lease kept by the worker; this reads what the worker reports."""

    def __init__(  # noqa: PLR0913 - everything a lease connects, by keyword
        self,
        *,
        lease: Run,
        drain: Drain,
        log: JsonLog,
        pace: Pace,
        fence: LeaseFence,
        messages: BinaryIO,
        answers: Answers,
    ) -> None:
        super().__init__(lease, drain.inbox, log, pace)
        self._answers = answers
        self._drain = drain
        self._fence = fence
        self._messages = messages

    def start(self) -> None:
        """Read the worker's messages, and watch for too long a silence."""
        threading.Thread(target=self._read_messages, name="worker-messages", daemon=True).start()
        threading.Thread(target=self._watch_silence, name="silence", daemon=True).start()

    def _read_messages(self) -> None:
        for line in self._messages:
            try:
                message = decode_object(line)
            except NotJsonObject:
                continue
            match message.get("type"):
                case "beat":
                    self._fence.confirm()
                    self.on_heartbeat()
                    self.on_answered()
                case "cancel":
                    self.report_cancel()
                case "lost":
                    self.report_lost("The lease is lost.")
                case "drain":
                    self._drain.request()
                case "completion":
                    self._answers.put(message)
                case _:
                    pass  # a newer worker may send more
        self.report_lost("The worker is gone.")
        self._log.warning("worker_gone")
        # Nothing sets this event; it is a sleep that ends with the process. By now the agent is
        # killed and the folders are removed, unless that hangs.
        threading.Event().wait(CLEAN_UP_S)
        os._exit(RunExitCode.LEASE_LOST)

    def _watch_silence(self) -> None:
        while not self._closed.wait(SILENCE_LOOK_S):
            if self._fence.unconfirmed_s() > self._pace.api_silence_s:
                return self.report_silence()
        return None


def run_delegated(messages: BinaryIO, *, config: Path | None) -> RunExitCode:
    """Execute the run; `config` is the worker's own configuration, which limits agent `local`."""
    try:
        given = decode_object(messages.readline())
        run = LeasedTask.from_json(given)
    except (NotJsonObject, RunInputUnreadable) as exc:
        JsonLog(service="runner").warning("run_input_unreadable", reason=str(exc))
        return RunExitCode.MISUSED
    log = JsonLog(
        service="runner",
        correlation_id=run.correlation_id,
        task_id=run.task_id,
        attempt_id=run.attempt_id,
        agent=run.agent.name,
        epoch=run.lease_epoch,
    )
    log.info("run_started", timeout_s=run.timeout_s)
    code = _supervise(given, run, log, messages=messages, adapters=_adapters(config))
    log.info("run_ended", exit=code.name.lower())
    return code


def _supervise(
    given: JsonObject,
    run: LeasedTask,
    log: JsonLog,
    *,
    messages: BinaryIO,
    adapters: Callable[[AgentManifest], Adapter],
) -> RunExitCode:
    settings = RunnerSettings.of_delegated_run(
        task_id=run.task_id, correlation_id=run.correlation_id
    )
    inbox: RunInbox = SimpleQueue()
    drain = Drain(inbox, drain_s=settings.drain_s)
    drain.install()
    fence = LeaseFence(lease_s=HEARTBEATS_PER_LEASE * run.heartbeat_s)
    options = TransportOptions(retry=NO_RETRY, before_request=fence.check)
    answers: Answers = SimpleQueue()
    lease = DelegatedRun(settings.api_url, given, options, answers=answers, check=fence.check)
    pace = Pace(heartbeat_s=run.heartbeat_s, api_silence_s=settings.api_silence_s)
    keeper = DelegatedLease(
        lease=lease,
        drain=drain,
        log=log,
        pace=pace,
        fence=fence,
        messages=messages,
        answers=answers,
    )
    return LeasedRunSupervision(
        settings=settings,
        run=run,
        lease=lease,
        log=log,
        drain=drain,
        keeper=keeper,
        adapters=adapters,
    ).carry_out()


def _adapters(config: Path | None) -> Callable[[AgentManifest], Adapter]:
    def choose(manifest: AgentManifest) -> Adapter:
        if manifest.kind is AgentKind.WORKER:
            return LocalAdapter(config)
        return adapter_for(manifest)

    return choose
