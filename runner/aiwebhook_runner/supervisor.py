"""One run from the exchange of the code to the exit code."""

import os
import secrets
import signal
import threading
from queue import SimpleQueue
from types import FrameType

from aiwebhook_runner.exits import ExitCode
from aiwebhook_runner.facts import Inbox, StopAsked
from aiwebhook_runner.leased_run import LeasedRunSupervision
from aiwebhook_runner.log import JsonLog
from aiwebhook_runner.outcome import StopReason
from aiwebhook_runner.retry import Deadline, GaveUp, call_until_answered
from aiwebhook_runner.runs_api import ApiRefused, LeaseLost, RunInput, RunsApi
from aiwebhook_runner.settings import RunnerSettings


class Drain:
    """SIGTERM and SIGINT as an event, a deadline and a fact for the inbox.

    A signal handler interrupts the main thread anywhere, also while it holds the lock that
    Event.set would want; so the handler only puts a number into a SimpleQueue (re-entrant) and a
    thread does the rest. That thread also ends the process when a hanging call would not.
    """

    def __init__(self, inbox: Inbox, *, drain_s: float) -> None:
        self.asked = threading.Event()
        self.deadline = Deadline(float("inf"))
        self._inbox = inbox
        self._drain_s = drain_s
        self._signals: SimpleQueue[int] = SimpleQueue()

    def install(self) -> None:
        """Call in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._carry_out, name="drain", daemon=True).start()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.put(number)

    def _carry_out(self) -> None:
        number = self._signals.get()
        self.deadline.shorten(self._drain_s)
        self.asked.set()
        self._inbox.put(StopAsked(reason=StopReason.DRAIN, detail=f"signal {number}"))
        # Nothing sets this event; it is a sleep that ends with the process. By now the agent is
        # gone: its grace is shorter than the drain, and the kernel kills it when we exit.
        threading.Event().wait(self._drain_s)
        os._exit(ExitCode.API_SILENT)


class Supervisor:
    """Supervises exactly one run in this process: orphans of the agent are adopted process-wide,
    so two runs in one process could not be told apart. A worker starts one process per run."""

    def __init__(self, *, settings: RunnerSettings, api: RunsApi, log: JsonLog) -> None:
        self._settings = settings
        self._api = api
        self._log = log
        self._inbox: Inbox = SimpleQueue()
        self._drain = Drain(self._inbox, drain_s=settings.drain_s)

    def run(self) -> ExitCode:
        """How it went; raises for nothing that the agent or the API did."""
        self._drain.install()
        try:
            run = self._start()
        except (ApiRefused, LeaseLost) as exc:
            self._log.warning("start_refused", reason=str(exc))
            return ExitCode.REFUSED
        except GaveUp as exc:
            self._log.warning("start_unanswered", reason=str(exc))
            return ExitCode.API_SILENT
        self._log.bind(attempt_id=run.attempt_id, agent=run.agent.name, epoch=run.lease_epoch)
        self._log.info("run_started", timeout_s=run.timeout_s)
        code = LeasedRunSupervision(
            settings=self._settings,
            run=run,
            api=self._api.leased(run),
            log=self._log,
            inbox=self._inbox,
            draining=self._drain.asked,
            drain_deadline=self._drain.deadline,
        ).carry_out()
        self._log.info("run_ended", exit=code.name.lower())
        return code

    def _start(self) -> RunInput:
        # Random, but the same for every try: the server answers the same worker again when its
        # first answer was lost, and refuses everybody else the single-use code.
        worker_id = f"runner-{secrets.token_hex(8)}"
        silence = Deadline(self._settings.api_silence_s)
        return call_until_answered(
            lambda: self._api.start(
                task_id=self._settings.task_id,
                bootstrap_code=self._settings.bootstrap_code,
                worker_id=worker_id,
            ),
            give_up=self._drain.asked,
            within_s=silence.left_s,
        )
