"""Tells the deployment that the worker leaves, until none of its claims is under way any more."""

import threading

from aiwebhook.client import Client
from aiwebhook.errors import AiWebhookError
from aiwebhook_runner.worker.inbox import LeaveAnswered, WorkerInbox

PERIOD_S = 1.0
TIMEOUT_S = 2.0


class LeaveLoop:
    """One thread. Without this, the deployment could give a task to a claim that it still holds for
    us, and nobody would run it until its lease ends.

    Once is not enough: a claim that was sent just before may arrive after it, and counts as a new
    one. So it is said again every second while a claim is under way, and once after the last.
    """

    def __init__(
        self, client: Client, worker_id: str, inbox: WorkerInbox, *, period_s: float = PERIOD_S
    ) -> None:
        self._client = client
        self._worker_id = worker_id
        self._inbox = inbox
        self._period_s = period_s
        self._started = False
        self._claims_ended = threading.Event()

    def start(self) -> None:
        """Each answer, or that there was none, comes into the inbox; the last one is `final`. More
        calls do nothing.
        """
        if not self._started:
            self._started = True
            threading.Thread(target=self._run, name="leave", daemon=True).start()

    def claims_ended(self) -> None:
        """None of the worker's claims is under way any more."""
        self._claims_ended.set()

    def _run(self) -> None:
        again = True
        while again:
            final = self._claims_ended.is_set()
            heard, again = self._say()
            # A deployment that is down, or knows nothing of this, is not told once more.
            again = again and not final
            self._inbox.put(LeaveAnswered(heard=heard, final=not again))
            if again:
                self._claims_ended.wait(self._period_s)

    def _say(self) -> tuple[bool, bool]:
        """Whether the deployment answered, and whether to say it again."""
        try:
            self._client.leave(self._worker_id, timeout_s=TIMEOUT_S)
        except AiWebhookError as exc:
            # Unheard, the worker counts as offline after a minute of silence.
            return not exc.retryable, exc.retryable and not self._claims_ended.is_set()
        return True, True
