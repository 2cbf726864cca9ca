"""Sends heartbeats for all leases in one call, and passes on the answers."""

import threading
import time
from collections.abc import Callable

from aiwebhook.client import Client
from aiwebhook.client.runs import MOST_LEASES, LeaseState
from aiwebhook.errors import AiWebhookError
from aiwebhook_runner.wakeful import wakeful_now
from aiwebhook_runner.worker.child import Child
from aiwebhook_runner.worker.claims import refusal_sentence
from aiwebhook_runner.worker.link import Link
from aiwebhook_runner.worker.roster import Roster
from aiwebhook_runner.worker.worker_log import WorkerLog

TICK_S = 1.0
RETRY_S = 2.0
HEARTBEAT_TIMEOUT_S = 5.0
SLEPT_S = 5.0
"""A smaller difference between the clocks counts as none."""


class HeartbeatLoop:
    """One thread. It checks the clock each second, because a timer of 20 s continues where it stood
    when the machine wakes up after hours.
    """

    def __init__(  # noqa: PLR0913 - everything heartbeats connect, and two clocks
        self,
        client: Client,
        worker_id: str,
        roster: Roster,
        link: Link,
        log: WorkerLog,
        *,
        now: Callable[[], float] = wakeful_now,
        awake: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._worker_id = worker_id
        self._roster = roster
        self._link = link
        self._log = log
        self._now = now
        self._awake = awake
        self._closed = threading.Event()
        self._due_at = now()
        self._asleep_s = now() - awake()

    def start(self) -> None:
        threading.Thread(target=self._run, name="heart", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def tick(self) -> float:
        """Do what is due; returns seconds until the next check."""
        children = self._roster.children()
        for child in children:
            if child.hangs() and not child.hung:
                child.hung = True
                child.kill()
        if self._has_slept():
            self._due_at = self._now()
        period = min((child.run.heartbeat_s for child in children), default=TICK_S)
        if children and self._now() >= self._due_at:
            answered = self._heartbeat(children)
            self._due_at = self._now() + (period if answered else min(RETRY_S, period))
        elif not children:
            self._due_at = self._now() + period
        return min(TICK_S, period / 2)

    def _run(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            pause = self.tick()

    def _has_slept(self) -> bool:
        before, self._asleep_s = self._asleep_s, self._now() - self._awake()
        slept_s = self._asleep_s - before
        if slept_s < SLEPT_S:
            return False
        sentence = f"awake again after {slept_s:.0f} s; asking which tasks are still ours"
        self._log.write("awake", sentence, slept_s=round(slept_s))
        return True

    def _heartbeat(self, children: list[Child]) -> bool:
        try:
            for first in range(0, len(children), MOST_LEASES):
                some = children[first : first + MOST_LEASES]
                tokens = [child.run.lease_token for child in some]
                states = self._client.heartbeat_runs(
                    self._worker_id, tokens, timeout_s=HEARTBEAT_TIMEOUT_S
                )
                for child, state in zip(some, states, strict=False):
                    self._pass_on(child, state)
        except AiWebhookError as exc:
            self._link.failed(refusal_sentence(exc))
            return False
        self._link.answered()
        return True

    def _pass_on(self, child: Child, state: LeaseState) -> None:
        if state.lost:
            child.send("lost")
            return
        child.send("beat")
        if state.cancel:
            child.send("cancel")
