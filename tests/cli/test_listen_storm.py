"""A seeded storm on one channel: clients that are killed, lost answers, a target with every fault.

Lost 0, order kept, bytes equal; a repeat only where a client was killed or lost an answer.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from aiwebhook.client import Client, RetryPolicy, TransportOptions
from aiwebhook.errors import Unavailable
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.handing_on import Attempted, Forwarder
from aiwebhook_cli.listening.listener import Listener, ListenerOutside
from tests.cli.conftest import CommandLine
from tests.support.commands import any_name
from tests.support.deliveries import receive
from tests.support.target import Forwarded, Target

pytestmark = [pytest.mark.req("W5"), pytest.mark.slow]
Json = dict[str, Any]
SAMPLE = os.environ.get("RELAY_SIZE") == "sample"  # noqa: TID251 the edge
SEED = int(os.environ.get("RELAY_SEED") or 7)  # noqa: TID251 the edge
COUNT = 60 if SAMPLE else 200


class Killed(BaseException):
    """As SIGKILL: nothing more of this client runs, and its lease is not let go."""


class Storm:
    """Decides, from one seed, what goes wrong."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kills = self.lost_answers = 0

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def perhaps_killed(self) -> None:
        if self.happens(0.04):
            self.kills += 1
            raise Killed

    def status(self, _got: Forwarded) -> int | None:
        """No three faults of 5xx in a row, so that nothing is noted as failed."""
        return self.random.choice((200, 200, 200, 200, 204, None, 429))


class StormyCalls(ChannelCalls):
    """Loses requests and answers, and is killed around an acknowledgement."""

    storm: Storm

    def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
        del wait_s
        return self._through(lambda: super(StormyCalls, self).poll(lease_epoch, wait_s=0))

    def acknowledge(self, lease_epoch: int, cursor: str, **more: Any) -> None:
        self.storm.perhaps_killed()
        self._through(lambda: super(StormyCalls, self).acknowledge(lease_epoch, cursor, **more))
        self.storm.perhaps_killed()

    def release(self, lease_epoch: int) -> None:
        """Nobody is there to do it."""

    def _through(self, ask: Callable[[], Any]) -> Any:
        if self.storm.happens(0.05):
            raise Unavailable("The request was lost.", code="unreachable")
        answer = ask()
        if self.storm.happens(0.05):
            self.storm.lost_answers += 1
            raise Unavailable("The answer was lost.", code="unreachable")
        return answer


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_a_storm_loses_nothing_and_keeps_order_and_bytes(cli: CommandLine, seed: int) -> None:
    # reason: one storm, from its first delivery to what is left of it
    storm, driver = Storm(seed), cli.driver
    channel = any_name("storm")
    driver.post(f"/v1/channels/{channel}/claim", {"holder": "before-it"})
    sent = {
        receive(driver, body).delivery_id: body
        for body in (storm.random.randbytes(storm.random.randrange(1, 400)) for _ in range(COUNT))
    }
    outside = ListenerOutside(
        hint=lambda _text: None, show=lambda _delivery, _tried: None, pause=lambda _s: None
    )
    options = TransportOptions(retry=RetryPolicy(attempts=1))
    with (
        Target(storm.status) as target,
        closing(Forwarder(target.url)) as forward,
        Client(cli.url, api_key=driver.key, options=options) as client,
    ):

        def handle(delivery: Json) -> Attempted:
            storm.perhaps_killed()
            tried = forward(delivery)
            storm.perhaps_killed()
            return tried

        clients = 0
        while len({got.delivery_id for got in target.taken}) < COUNT:
            clients += 1
            assert clients < 50 * COUNT
            driver.sql("UPDATE channels SET leased_until = now()")
            calls = StormyCalls(
                client, channel=channel, holder=f"client-{clients}", lease_s=300, wanted={}
            )
            calls.storm = storm
            try:
                Listener(calls, handle, outside).run(rounds=5)
            except Killed:
                continue

    first = list(dict.fromkeys(got.delivery_id for got in target.taken))
    assert first == list(sent), "every delivery, in the order in which they came"
    assert all(got.body == sent[got.delivery_id] for got in target.got)
    repeats = len(target.taken) - COUNT
    assert repeats <= storm.kills
    assert storm.kills > 5
    assert driver.get("/v1/inbound?status=failed").body["items"] == []
