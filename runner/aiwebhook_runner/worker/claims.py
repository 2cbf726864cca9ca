"""A claim loop: waits for a free place, then for a task, as long as the worker lives."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence

from aiwebhook.client import Run
from aiwebhook.errors import AiWebhookError
from aiwebhook_runner.worker.inbox import Claimed, ClaimsEnded, WorkerInbox
from aiwebhook_runner.worker.link import Link
from aiwebhook_runner.worker.room import Room

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


def outage_pauses(rng: random.Random) -> Iterator[float]:
    """0.5 s doubling to 30 s, each shortened by up to half: an outage may last for hours, and the
    workers must not come back in step.
    """
    pause = FIRST_PAUSE_S
    while True:
        yield pause * rng.uniform(0.5, 1.0)
        pause = min(pause * 2, LONGEST_PAUSE_S)


def refusal_sentence(error: AiWebhookError) -> str:
    """Why; and what to do about it, unless that is to retry."""
    return error.detail if error.retryable else f"{error.detail} {error.remedy}"


class ClaimLoop:
    """One thread, so one claim at a time; a full queue is fetched by one claim after another."""

    def __init__(
        self,
        *,
        agents: Sequence[str],
        claim: Callable[[Sequence[str]], Run | None],
        room: Room,
        inbox: WorkerInbox,
        link: Link,
    ) -> None:
        """`claim` asks the deployment once for a task of these agents."""
        self._agents = agents
        self._claim = claim
        self._room = room
        self._inbox = inbox
        self._link = link
        self._closed = threading.Event()

    def start(self) -> None:
        """Claim in a thread of its own, which ends with ClaimsEnded in the inbox."""
        name = f"claim-{self._agents[0]}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def close(self) -> None:
        """No new claim; one under way is answered first, and its task is still reported."""
        self._closed.set()
        self._room.close()

    def _run(self) -> None:
        refusal = None
        pauses = outage_pauses(random.Random())  # noqa: S311 (jitter, not a secret)
        while not self._closed.is_set() and self._room.take():
            try:
                run = self._claim(self._agents)
            except AiWebhookError as exc:
                self._room.give()
                if exc.retryable:
                    self._link.failed(refusal_sentence(exc))
                elif self._link.was_up:
                    # A key that was revoked, or a proxy's page in place of the deployment: an
                    # outage.
                    self._link.failed(
                        f"The deployment refuses this worker: {refusal_sentence(exc)}"
                    )
                else:
                    # Never accepted at all: the key or the address is wrong, and waiting does not
                    # help.
                    refusal = refusal_sentence(exc)
                    break
                retry_after_s = exc.retry_after_s or 0.0
                self._closed.wait(max(min(retry_after_s, LONGEST_PAUSE_S), next(pauses)))
            else:
                pauses = outage_pauses(random.Random())  # noqa: S311 (as above)
                self._link.answered()
                self._take(run)
        self._inbox.put(ClaimsEnded(refusal=refusal))

    def _take(self, run: Run | None) -> None:
        if run is None:
            self._room.give()
        else:
            self._inbox.put(Claimed(lease=run, room=self._room))
