"""Several deliveries at once: order within a source, a place that moves only behind what is done,
and a machine that remembers what the server was not told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import Invalid
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.handing_on import Attempted, HandOn, Verdict
from aiwebhook_cli.listening.lanes import Concurrency, in_lanes
from aiwebhook_cli.listening.listen_place import ListenPlace, ListenPlaceFile
from aiwebhook_cli.listening.listener import Following, Listener
from tests.cli.conftest import CommandLine
from tests.support.laptop import Laptop
from tests.support.target import Forwarded, Target

pytestmark = pytest.mark.req("W5")
Json = dict[str, Any]
DONE = Attempted(verdict=Verdict.DONE, reason="done")
LONG_S = 20


class Killed(BaseException):
    """As SIGKILL: nothing more of this client runs."""


def deliveries(*sources: str) -> list[Json]:
    return [{"source": source, "cursor": str(n)} for n, source in enumerate(sources)]


class Gate:
    """Holds who comes until so many are there at once."""

    def __init__(self, count: int) -> None:
        self.barrier = threading.Barrier(count)

    def __call__(self, delivery: Json, _halted: Callable[[], bool]) -> str:
        self.barrier.wait(LONG_S)
        return delivery["cursor"]


def test_sources_are_served_beside_each_other_and_each_in_its_order() -> None:
    taken: list[Json] = []
    gate = threading.Barrier(2)

    def work(delivery: Json, _halted: Callable[[], bool]) -> None:
        gate.wait(LONG_S)  # one of each source is here, or nobody goes on
        taken.append(delivery)

    items = deliveries("a", "a", "b", "a", "b", "b")
    ended = [number for number, _ in in_lanes(items, work, Concurrency(at_once=4))]

    assert sorted(ended) == list(range(6))
    for source in "ab":
        cursors = [each["cursor"] for each in taken if each["source"] == source]
        assert cursors == sorted(cursors)


def test_one_source_is_served_several_at_once_where_any_order_will_do() -> None:
    items = deliveries("a", "a", "a", "a")
    concurrency = Concurrency(at_once=4, any_order=True)
    assert len(list(in_lanes(items, Gate(4), concurrency))) == 4
    with pytest.raises(threading.BrokenBarrierError):
        list(in_lanes(items, _broken_after(0.2), Concurrency(at_once=4)))


def _broken_after(seconds: float) -> Callable[[Json, Callable[[], bool]], object]:
    barrier = threading.Barrier(2)
    return lambda _delivery, _halted: barrier.wait(seconds)


def test_what_fails_ends_the_page_once_nothing_is_under_way() -> None:
    under_way = threading.Event()
    ended: list[str] = []

    def work(delivery: Json, halted: Callable[[], bool]) -> None:
        if delivery["source"] == "bad":
            under_way.wait(LONG_S)
            raise Invalid("No.", code="usage")
        under_way.set()
        while not halted():
            threading.Event().wait(0.01)
        ended.append(delivery["source"])

    with pytest.raises(Invalid):
        list(in_lanes(deliveries("a", "bad", "a"), work, Concurrency(at_once=2)))
    assert ended == ["a"], "what was under way has ended, and nothing was begun after it"


def test_the_channel_moves_only_behind_what_is_done_without_a_gap(laptop: Laptop) -> None:
    ids = laptop.receive(*(b"%d" % n for n in range(6)))
    first_may_end, others = threading.Event(), threading.Semaphore(0)
    places: list[str] = []

    def answer(got: Forwarded) -> int:
        if got.delivery_id == ids[0]:
            for _ in range(5):
                assert others.acquire(timeout=LONG_S)
            places.append(laptop.place_on_server())
            first_may_end.set()
            return 200
        others.release()
        return 404 if got.delivery_id == ids[3] else 200

    before = laptop.place_on_server()
    with Target(answer) as target:
        concurrency = Concurrency(at_once=6, any_order=True)
        laptop.listen(laptop.forwarder(target.url), concurrency=concurrency)

    assert places == [before], "five are done, and the channel waits for the first"
    assert sorted(got.delivery_id for got in target.got) == sorted(ids)
    [failed] = laptop.driver.get("/v1/inbound?status=failed").body["items"]
    assert (failed["delivery_id"], failed["failure"]) == (ids[3], "HTTP 404")
    laptop.listen(_never)


def _never(_delivery: Json) -> Attempted:
    raise AssertionError("everything was acknowledged")


class KilledBeforeTelling(ChannelCalls):
    """Never tells the server what is done."""

    def acknowledge(self, lease_epoch: int, cursor: str, **more: Any) -> None:
        del lease_epoch, cursor, more
        raise Killed

    def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
        del wait_s
        return super().poll(lease_epoch, wait_s=0)

    def release(self, lease_epoch: int) -> None:
        """Nobody is there to do it."""


def killed_before_telling(laptop: Laptop, handle: HandOn) -> None:
    """A client that ends between the target's answer and the acknowledgement."""
    calls = laptop.calls("client-1")
    calls.__class__ = KilledBeforeTelling
    with pytest.raises(Killed):
        Listener(calls, handle, laptop.watched.outside(), Following(place=laptop.place)).run(
            rounds=1
        )
    laptop.driver.sql("UPDATE channels SET leased_until = now()")


def test_a_machine_hands_on_nothing_twice_that_it_could_not_acknowledge(
    laptop: Laptop, tmp_path: Path
) -> None:
    laptop.place = ListenPlaceFile(tmp_path / "state" / "place.json", hint=_fail)
    bad, good = laptop.receive(b"bad", b"good")
    with Target(lambda got: 404 if got.body == b"bad" else 200) as target:
        killed_before_telling(laptop, laptop.forwarder(target.url))
        assert [got.delivery_id for got in target.got] == [bad]
        laptop.listen(laptop.forwarder(target.url), holder="client-2")
        assert [got.delivery_id for got in target.got] == [bad, good]
    [failed] = laptop.driver.get("/v1/inbound?status=failed").body["items"]
    assert (failed["delivery_id"], failed["failure"]) == (bad, "HTTP 404")


def test_what_another_client_rewound_is_handed_on_again(laptop: Laptop, tmp_path: Path) -> None:
    laptop.place = ListenPlaceFile(tmp_path / "place.json", hint=_fail)
    [delivery_id] = laptop.receive(b"1")
    with Target() as target:
        killed_before_telling(laptop, laptop.forwarder(target.url))
        other = laptop.calls("client-2")
        other.release(other.claim(since="2020-01-01T00:00:00Z")["lease_epoch"])
        laptop.listen(laptop.forwarder(target.url), holder="client-3")
    assert [got.delivery_id for got in target.taken] == [delivery_id, delivery_id]


def test_a_channel_that_the_server_lost_goes_on_where_the_machine_stood(
    laptop: Laptop, tmp_path: Path
) -> None:
    laptop.place = ListenPlaceFile(tmp_path / "place.json", hint=_fail)
    with Target() as target:
        first, second = laptop.receive(b"1", b"2")
        laptop.listen(laptop.forwarder(target.url))
        laptop.driver.call("DELETE", f"/v1/channels/{laptop.channel}")
        [missed] = laptop.receive(b"3")
        laptop.listen(laptop.forwarder(target.url), holder="client-2")
    assert [got.delivery_id for got in target.taken] == [first, second, missed]


def test_a_place_that_cannot_be_kept_is_said_once_and_does_no_harm(
    laptop: Laptop, tmp_path: Path
) -> None:
    hints: list[str] = []
    (tmp_path / "file").touch()
    laptop.place = ListenPlaceFile(tmp_path / "file" / "place.json", hint=hints.append)
    laptop.receive(b"1", b"2")
    with Target() as target:
        laptop.listen(laptop.forwarder(target.url))
    assert len(target.taken) == 2
    assert len(hints) == 1


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"cursor": 1, "lease_epoch": "x"}'])
def test_a_damaged_place_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "place.json"
    path.write_text(content)
    assert ListenPlaceFile(path, hint=_fail).load() == ListenPlace()


def test_a_client_that_woke_up_does_not_overwrite_the_place_of_the_next(tmp_path: Path) -> None:
    file = ListenPlaceFile(tmp_path / "place.json", hint=_fail)
    file.begin(ListenPlace(cursor="new", lease_epoch=8))
    file.save(ListenPlace(cursor="old", lease_epoch=7))
    assert file.load().cursor == "new"
    file.begin(ListenPlace(cursor="of a new channel", lease_epoch=1))
    assert file.load().cursor == "of a new channel"


def test_an_impossible_concurrency_is_refused_in_a_sentence(cli: CommandLine) -> None:
    refused = cli("listen", "--concurrency", "21")
    assert refused.code == 2
    assert "--concurrency must be 1–20, got 21." in refused.err


def _fail(hint: str) -> None:
    raise AssertionError(hint)
