"""A seeded storm on one channel: clients that are killed, lost answers, ten redeployments, an hour
without a network, a target with every fault.

Lost 0, order kept, bytes equal; a repeat only where a client was killed after the target's answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from aiwebhook.client import Client, RetryPolicy, TransportOptions
from aiwebhook_cli.listening.handing_on import Forwarder
from aiwebhook_cli.listening.lanes import ONE_BY_ONE, Concurrency
from aiwebhook_cli.listening.listen_place import ListenPlaceFile
from aiwebhook_cli.listening.listener import Following, Listener, ListenerOutside
from tests.cli.conftest import CommandLine
from tests.support.commands import any_name
from tests.support.listener_storm import (
    HOUR_S,
    REDEPLOYED,
    TARGET_TIMEOUT_S,
    Killed,
    Storm,
    StormyCalls,
)

pytestmark = [pytest.mark.req("W5"), pytest.mark.slow]
SEED = int(os.environ.get("RELAY_SEED") or 7)  # noqa: TID251 the edge
_SIZE = os.environ.get("RELAY_SIZE") or "whole"  # noqa: TID251 as above
COUNT = {"sample": 300, "whole": 2000, "soak": 20_000}[_SIZE]
SEVERAL = Concurrency(at_once=4, any_order=True)
REPORT = Path(__file__).parents[2] / ".build/relay/storms.jsonl"
"""What happened, a line for each storm; `make soak-relay` shows it."""
_PAGES = 5
_AT_A_TIME = 80


class StormyLaptop:
    """Clients of a channel, one after the other, each as a process of its own would be."""

    def __init__(self, storm: Storm, place: Path, concurrency: Concurrency) -> None:
        self.storm, self.channel = storm, any_name("storm")
        self.following = Following(
            concurrency=concurrency, place=ListenPlaceFile(place, hint=lambda _text: None)
        )
        self.clients = 0
        self.files: list[int] = []

    def listen(self) -> None:
        """One client, for a few pages or until it is killed."""
        self.clients += 1
        options = TransportOptions(retry=RetryPolicy(attempts=1))
        with ExitStack() as stack:
            forward = stack.enter_context(
                closing(Forwarder(self.storm.target_url, timeout_s=TARGET_TIMEOUT_S))
            )
            client = stack.enter_context(
                Client(self.storm.url, api_key=self.storm.driver.key, options=options)
            )
            calls = StormyCalls(
                client,
                channel=self.channel,
                holder=f"client-{self.clients}",
                lease_s=300,
                wanted={},
            )
            calls.storm = self.storm
            outside = ListenerOutside(
                hint=lambda _text: None,
                show=lambda _delivery, _tried: None,
                pause=self.storm.pause,
            )
            handle = self.storm.handing_on(forward)
            try:
                Listener(calls, handle, outside, self.following).run(rounds=_PAGES)
            except Killed:
                self.storm.driver.sql("UPDATE channels SET leased_until = now()")
        if self.clients % 10 == 0:
            self.files.append(len(list(Path("/proc/self/fd").iterdir())))


@contextmanager
def stormy(
    cli: CommandLine, count: int, place: Path, concurrency: Concurrency
) -> Generator[tuple[Storm, StormyLaptop]]:
    """A storm that has begun, and a channel that begins before it."""
    storm = Storm(cli.driver, seed=SEED, count=count)
    laptop = StormyLaptop(storm, place, concurrency)
    cli.driver.post(f"/v1/channels/{laptop.channel}/claim", {"holder": "before-it"})
    storm.begin()
    try:
        yield storm, laptop
    finally:
        storm.end()
        told = {"deliveries": count, "clients": laptop.clients, "seed": SEED, **storm.happened}
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        with REPORT.open("a", encoding="utf-8") as report:
            report.write(json.dumps(told) + "\n")


def weather(storm: Storm, laptop: StormyLaptop) -> None:
    """Until everything has come in and was handed on or noted as failed."""
    while len(storm.sent) < storm.count or storm.behind(laptop.channel):
        assert laptop.clients < storm.count
        storm.receive(_AT_A_TIME)
        storm.driver.sql("UPDATE channels SET leased_until = now()")
        laptop.listen()


@pytest.mark.timeout(7200)
def test_a_storm_loses_nothing_and_keeps_order_and_bytes(cli: CommandLine, tmp_path: Path) -> None:
    with stormy(cli, COUNT, tmp_path / "place.json", ONE_BY_ONE) as (storm, laptop):
        weather(storm, laptop)
        failed = storm.failures()
        assert failed == set(storm.poison), "what was refused is noted, and nothing else"
        first = list(dict.fromkeys(got.delivery_id for got in storm.taken))
        healthy = [each for each in storm.sent if each not in storm.poison]
        assert first == healthy, "every delivery, in the order in which they came"

        storm.poison.clear()
        for delivery_id in failed:
            storm.driver.post(f"/v1/inbound/{delivery_id}/replay")
        weather(storm, laptop)

    assert {got.delivery_id for got in storm.taken} == set(storm.sent)
    assert all(got.body == storm.sent[got.delivery_id] for got in storm.got)
    repeats = len(storm.taken) - COUNT
    assert repeats <= storm.happened["killed after the answer"] + storm.unheard
    assert storm.happened["redeployed"] == REDEPLOYED
    assert storm.now_s > HOUR_S
    assert storm.happened["offline"] > 100
    assert max(laptop.files) - laptop.files[0] < 40, "no client leaves a file open"
    assert not [
        what
        for what in ("killed before the acknowledgement", "lost answer", "target closed")
        if not storm.happened[what]
    ]


@pytest.mark.timeout(3600)
def test_several_at_once_lose_nothing_in_a_storm(cli: CommandLine, tmp_path: Path) -> None:
    count = COUNT // 4
    with stormy(cli, count, tmp_path / "place.json", SEVERAL) as (storm, laptop):
        weather(storm, laptop)
    healthy = {each for each in storm.sent if each not in storm.poison}
    assert {got.delivery_id for got in storm.taken} == healthy
    assert storm.failures() == set(storm.poison)
    assert all(got.body == storm.sent[got.delivery_id] for got in storm.got)
    kills = sum(times for what, times in storm.happened.items() if what.startswith("killed"))
    offline = 1  # the lease ended meanwhile: what was under way comes again
    most = (kills + offline + storm.happened["target closed"]) * SEVERAL.at_once + storm.unheard
    assert len(storm.taken) - len(healthy) <= most
