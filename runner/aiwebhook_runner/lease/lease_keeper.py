"""Keeps the lease until everything of the run is done, and learns when the run must stop.

A launched run sends its own heartbeats (OwnLease), and learns of a cancellation by SIGTERM. A run
delegated by a worker does neither: the worker sends heartbeats and asks for all its runs in one
call, and passes on the answers (run/delegated_run.DelegatedLease).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from aiwebhook.client import Run
from aiwebhook.errors import AiWebhookError, LeaseLost
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.lease.inbox import RunInbox, StopRequested
from aiwebhook_runner.lease.retry import Deadline
from aiwebhook_runner.output.outcome import StopReason

HEARTBEATS_PER_LEASE = 3
"""Three missed heartbeats end a lease (aiwebhook.domain.lease)."""
RETRY_S = 2.0
ASK_S = 2.0
"""Seconds that a run may spend at its end to learn why it has to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds between heartbeats, and seconds of silence until the run is given up."""

    heartbeat_s: float
    api_silence_s: float


class LeaseKeeper:
    """What a run needs from whoever keeps its lease: to report to it, and to be stopped by it."""

    def __init__(
        self,
        lease: Run,
        inbox: RunInbox,
        log: JsonLog,
        pace: Pace,
    ) -> None:
        self._lease = lease
        self._inbox = inbox
        self._log = log
        self._pace = pace
        self._closed = threading.Event()
        self.lost = threading.Event()
        """Set once the server said lease_lost: from then on nothing may be written."""
        self.cancelled = threading.Event()
        """Set once the run was asked to stop."""
        self.on_heartbeat: Callable[[], None] = lambda: None
        """Called at each heartbeat, in a thread of the keeper."""
        self.on_answered: Callable[[], None] = lambda: None
        """Called after each heartbeat that extended the lease, in a thread of the keeper."""

    def start(self) -> None:
        """Start the keeper's threads, which run until `close`."""
        raise NotImplementedError

    def close(self) -> None:
        """Send no more heartbeats; one under way ends with the process."""
        self._closed.set()

    def report_lost(self, detail: str) -> None:
        """Every call that got lease_lost reports it here; only the first counts."""
        if not self.lost.is_set():
            self.lost.set()
            self._inbox.put(StopRequested(reason=StopReason.LEASE_LOST, detail=detail))

    def report_cancel(self) -> None:
        """Every response with a cancellation reports it here; repeating changes nothing."""
        self.cancelled.set()
        self._inbox.put(StopRequested(reason=StopReason.CANCEL))

    def report_silence(self) -> None:
        """Nobody has confirmed the lease for too long."""
        self._inbox.put(StopRequested(reason=StopReason.API_SILENT))


class OwnLease(LeaseKeeper):
    """The lease of a launched run: a thread sends a heartbeat every heartbeat_s."""

    def start(self) -> None:
        """The first heartbeat is sent at once."""
        threading.Thread(target=self._heartbeat, name="heartbeat", daemon=True).start()

    def ask_why(self) -> bool:
        """Called when the container must stop. True when the task was cancelled or the lease
        is lost, which is then reported. False, also without an answer: then the task must
        only run elsewhere.
        """
        try:
            if self._lease.signal(wait_s=0, timeout_s=ASK_S):
                self.report_cancel()
                return True
        except LeaseLost as exc:
            self.report_lost(str(exc))
            return True
        except AiWebhookError as exc:
            self._log.warning("reason_of_stop_unknown", reason=str(exc))
        return False

    def _heartbeat(self) -> None:
        silence = Deadline(self._pace.api_silence_s)
        pause = 0.0
        while not self._closed.wait(pause):
            pause = self._pace.heartbeat_s
            self.on_heartbeat()
            try:
                if self._lease.heartbeat():
                    self.report_cancel()
                self.on_answered()
                silence = Deadline(self._pace.api_silence_s)
            except LeaseLost as exc:
                return self.report_lost(str(exc))
            except AiWebhookError as exc:
                if not exc.retryable:
                    # Not our lease but our request is wrong: the next heartbeat would be refused
                    # too, and the reaper decides. The agent goes on until then.
                    self._log.warning("heartbeat_refused", reason=str(exc))
                    continue
                self._log.warning("heartbeat_unanswered", reason=str(exc))
                pause = min(RETRY_S, self._pace.heartbeat_s)
                if silence.left_s() <= 0:
                    return self.report_silence()
        return None
