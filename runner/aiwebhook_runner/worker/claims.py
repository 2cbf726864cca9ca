"""One claim loop: waits for a place, then for a task, for as long as the worker lives."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence

from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.runs_api import ApiRefused, ApiUnavailable
from aiwebhook_runner.worker.api import WorkerApi
from aiwebhook_runner.worker.facts import Claimed, ClaimsEnded, Inbox
from aiwebhook_runner.worker.link import Link
from aiwebhook_runner.worker.room import Room

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


def outage_pauses(rng: random.Random) -> Iterator[float]:
    """0.5 s doubling to 30 s, each cut by up to half: an outage may last for hours, and all workers
    must not come back in step."""
    pause = FIRST_PAUSE_S
    while True:
        yield pause * rng.uniform(0.5, 1.0)
        pause = min(pause * 2, LONGEST_PAUSE_S)


class ClaimLoop:
    """One thread, so one claim at a time; a full queue is fetched by one claim after another."""

    def __init__(  # noqa: PLR0913 - what a loop stands between, by keyword
        self,
        *,
        api: WorkerApi,
        agents: Sequence[str],
        room: Room,
        inbox: Inbox,
        link: Link,
        details: Callable[[], JsonObject],
        poll_s: float,
    ) -> None:
        self._api = api
        self._agents = agents
        self._room = room
        self._inbox = inbox
        self._link = link
        self._details = details
        self._poll_s = poll_s
        self._closed = threading.Event()

    def start(self) -> None:
        """Ends with ClaimsEnded."""
        name = f"claim-{self._agents[0]}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def close(self) -> None:
        """No new claim; one under way is answered first, and what it brings is told."""
        self._closed.set()
        self._room.close()

    def _run(self) -> None:
        refusal = None
        pauses = outage_pauses(random.Random())  # noqa: S311 (jitter, not a secret)
        while not self._closed.is_set() and self._room.take():
            try:
                run = self._api.claim(self._agents, wait_s=self._poll_s, details=self._details())
            except ApiRefused as exc:
                self._room.give()
                if not self._link.was_up:
                    # Never let in at all: the key or the address is wrong, and waiting is no help.
                    refusal = str(exc)
                    break
                # A key that was revoked, or a stranger's page before the deployment: as an outage.
                self._link.failed(f"The deployment refuses this worker: {exc}")
                self._closed.wait(next(pauses))
            except ApiUnavailable as exc:
                self._room.give()
                self._link.failed(str(exc))
                asked = exc.retry_after_s or 0.0
                self._closed.wait(max(min(asked, LONGEST_PAUSE_S), next(pauses)))
            else:
                pauses = outage_pauses(random.Random())  # noqa: S311 (as above)
                self._link.heard()
                self._take(run)
        self._inbox.put(ClaimsEnded(refusal=refusal))

    def _take(self, run: JsonObject | None) -> None:
        if run is None:
            self._room.give()
        else:
            self._inbox.put(Claimed(run=run, room=self._room))
