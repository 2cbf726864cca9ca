"""Asks in one call which of the worker's runs must stop, and passes it on."""

import threading

from aiwebhook.client import Client
from aiwebhook.client.runs import MOST_LEASES
from aiwebhook.errors import AiWebhookError, MethodNotAllowed, NotFound
from aiwebhook_runner.worker.child import Child
from aiwebhook_runner.worker.roster import Roster

PERIOD_S = 1.0
"""A cancellation is promised within 2 s."""
TIMEOUT_S = 5.0


class SignalLoop:
    """One thread, one request a second, however many runs there are; none without a run.

    It polls instead of holding a long poll, which would keep a Lambda and a database connection
    busy all the time, for five times the price. Whether the deployment answers at all is reported
    by the heartbeats.
    """

    def __init__(self, client: Client, roster: Roster, *, period_s: float = PERIOD_S) -> None:
        self._client = client
        self._roster = roster
        self._period_s = period_s
        self._closed = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="signals", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def tick(self) -> None:
        """One request. Raises NotFound or MethodNotAllowed from an older deployment."""
        children = self._roster.children()
        try:
            for first in range(0, len(children), MOST_LEASES):
                self._look(children[first : first + MOST_LEASES])
        except (NotFound, MethodNotAllowed):
            raise
        except AiWebhookError:
            return  # the next request is a second away

    def _look(self, children: list[Child]) -> None:
        tokens = [child.run.lease_token for child in children]
        states = self._client.run_signals(tokens, timeout_s=TIMEOUT_S)
        for child, state in zip(children, states, strict=False):
            if state.lost:
                child.send("lost")
            elif state.cancel:
                child.send("cancel")

    def _run(self) -> None:
        while not self._closed.wait(self._period_s):
            try:
                self.tick()
            except (NotFound, MethodNotAllowed):
                return  # the heartbeats report it, a little later
