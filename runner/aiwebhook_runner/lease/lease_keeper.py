"""Keeps the lease while anything of the run is still to be done, and hears the word to stop.

A run that was launched beats for itself (OwnLease), and learns of a cancel by a SIGTERM. One that a
worker handed over does neither: the worker beats and asks for all its runs in one call, and passes
on what it hears (run/delegated_run.DelegatedLease).
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
"""What a run may spend of its last seconds to learn why it has to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds: between beats, of silence until the run is given up."""

    heartbeat_s: float
    api_silence_s: float


class LeaseKeeper:
    """What a run needs of whoever keeps its lease: to be told, and to be stopped."""

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
        """Called at each beat, in a thread of the keeper's."""
        self.on_answered: Callable[[], None] = lambda: None
        """Called after each beat that extended the lease, in a thread of the keeper's."""

    def start(self) -> None:
        """Do what it takes in threads of its own until `close`."""
        raise NotImplementedError

    def close(self) -> None:
        """No more beats; one under way is left to the end of the process."""
        self._closed.set()

    def report_lost(self, detail: str) -> None:
        """Any call that got lease_lost tells it here, once."""
        if not self.lost.is_set():
            self.lost.set()
            self._inbox.put(StopRequested(reason=StopReason.LEASE_LOST, detail=detail))

    def report_cancel(self) -> None:
        """Any answer that carried cancel tells it here; a second time does nothing more."""
        self.cancelled.set()
        self._inbox.put(StopRequested(reason=StopReason.CANCEL))

    def report_silence(self) -> None:
        """Nobody has confirmed the lease for too long."""
        self._inbox.put(StopRequested(reason=StopReason.API_SILENT))


class OwnLease(LeaseKeeper):
    """Of a run that was launched: a thread beats every heartbeat_s."""

    def start(self) -> None:
        """The first beat goes out at once."""
        threading.Thread(target=self._heartbeat, name="heartbeat", daemon=True).start()

    def ask_why(self) -> bool:
        """The container is told to stop: True when the task was cancelled or the lease is lost,
        and that is reported. False, also without an answer: then the run is only to go elsewhere.
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
                    # Not our lease but our request is wrong: the next beat would be refused as
                    # well, and the reaper decides. The agent goes on until then.
                    self._log.warning("heartbeat_refused", reason=str(exc))
                    continue
                self._log.warning("heartbeat_unanswered", reason=str(exc))
                pause = min(RETRY_S, self._pace.heartbeat_s)
                if silence.left_s() <= 0:
                    return self.report_silence()
        return None
