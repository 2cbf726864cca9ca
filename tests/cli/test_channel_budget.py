"""How often a channel wakes the chat, and what it does while the server is away: on a clock of its
own, without a server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import Forbidden, Unavailable
from aiwebhook_cli.channel.follower import Follower, Outside
from aiwebhook_cli.channel.place import HOUR_S, WAKES, ChannelPlace, PlaceFile

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]


@dataclass
class World:
    """A clock that pauses move, a server that has pages, and what was pushed and said."""

    pages: list[Json | Exception]
    now: float = 1_000_000.0
    pauses: list[float] = field(default_factory=list[float])
    hints: list[str] = field(default_factory=list[str])
    pushed: list[tuple[str, Mapping[str, str]]] = field(
        default_factory=list[tuple[str, Mapping[str, str]]]
    )
    cursors: list[str | None] = field(default_factory=list[str | None])
    before_push: Callable[[], None] = lambda: None

    def poll(self, cursor: str | None) -> Json:
        self.cursors.append(cursor)
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    def push(self, content: str, meta: Mapping[str, str]) -> None:
        self.before_push()
        self.pushed.append((content, meta))

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def follower(self, file: PlaceFile) -> Follower:
        outside = Outside(hint=self.hints.append, pause=self.pause, clock=lambda: self.now)
        return Follower(poll=self.poll, push=self.push, file=file, outside=outside)


def page(*numbers: int, cursor: str = "end", **fields: Any) -> Json:
    events = [
        {
            "eventId": f"evt_{number}",
            "timestamp": "2026-11-29T10:00:00.000Z",
            "cursor": f"after_{number}",
            "data": {"say": f"{number} is done.", "type": "task.completed", "seq": number},
        }
        for number in numbers
    ]
    whole = {"truncated": False, "hasMore": False, "nextPollMs": 0 if numbers else 5_000}
    return {"events": events, "cursor": cursor, **whole, **fields}


def test_so_many_events_an_hour_wake_the_chat_and_the_rest_waits(tmp_path: Path) -> None:
    world = World(pages=[page(*range(WAKES + 2))])
    with PlaceFile(tmp_path / "place.json") as file:
        world.follower(file).step()
    assert [content.split("\n")[0] for content, _ in world.pushed] == [
        f"{number} is done." for number in range(WAKES + 2)
    ]
    noticed = [content for content, _ in world.pushed if "No more for now" in content]
    assert noticed == [world.pushed[WAKES - 1][0]]
    assert world.pauses == [HOUR_S]
    assert len(world.hints) == 1


def test_the_hour_is_counted_over_restarts(tmp_path: Path) -> None:
    world = World(pages=[page(*range(WAKES)), page(WAKES)])
    with PlaceFile(tmp_path / "place.json") as file:
        world.follower(file).step()
        world.now += 60
        world.follower(file).step()
    assert world.pauses == [HOUR_S - 60]


def test_a_place_is_kept_after_every_push(tmp_path: Path) -> None:
    kept: list[str | None] = []
    world = World(pages=[page(1, 2)])
    with PlaceFile(tmp_path / "place.json") as file:
        world.before_push = lambda: kept.append(file.load().cursor)
        world.follower(file).step()
        assert kept == [None, "after_1"]
        assert file.load().cursor == "end"
        assert [each.event_id for each in file.load().told] == ["evt_1", "evt_2"]


def test_a_gap_is_reported_and_the_cursor_advances(tmp_path: Path) -> None:
    world = World(pages=[page(truncated=True, cursor="fresh"), page(7)])
    with PlaceFile(tmp_path / "place.json") as file:
        follower = world.follower(file)
        follower.step()
        follower.step()
    assert [meta.get("type") for _, meta in world.pushed] == ["gap", "task.completed"]
    assert world.cursors == [None, "fresh"]


def test_an_outage_is_said_once_and_its_end_too(tmp_path: Path) -> None:
    away = Unavailable("No answer from here.", code="unreachable")
    world = World(pages=[*[away] * 12, page(1)])
    with PlaceFile(tmp_path / "place.json") as file:
        world.follower(file).step()
    assert len(world.hints) == 2
    assert world.hints[0].startswith("No answer from here.")
    assert world.hints[1] == "The server answers again."
    assert world.pauses == sorted(world.pauses[:5]) + world.pauses[5:]
    assert max(world.pauses) <= 30
    assert [content for content, _ in world.pushed] == ["1 is done."]


def test_what_no_repetition_changes_is_raised(tmp_path: Path) -> None:
    world = World(pages=[Forbidden("Not you.")])
    with PlaceFile(tmp_path / "place.json") as file, pytest.raises(Forbidden):
        world.follower(file).step()
    assert world.pauses == []


def test_a_server_that_does_not_hold_the_request_is_asked_as_often_as_it_wants(
    tmp_path: Path,
) -> None:
    world = World(pages=[page(), page(), page()])
    with PlaceFile(tmp_path / "place.json") as file:
        follower = world.follower(file)
        follower.step()
        assert world.pauses == []
        follower.step()
    assert world.pauses == [5.0]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"cursor": 1, "told": []}'])
def test_a_file_that_cannot_be_read_is_a_place_from_now_on(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "place.json"
    path.write_bytes(content)
    with PlaceFile(path) as file:
        assert file.load() == ChannelPlace()


def test_who_comes_second_keeps_no_place(tmp_path: Path) -> None:
    path = tmp_path / "place.json"
    with PlaceFile(path) as first:
        first.save(ChannelPlace(cursor="first"))
        with PlaceFile(path) as second:
            assert not second.is_ours
            assert second.load() == ChannelPlace()
            second.save(ChannelPlace(cursor="second"))
        assert first.load().cursor == "first"
    with PlaceFile(path) as third:
        assert third.load().cursor == "first"


def test_a_server_that_holds_no_request_is_asked_as_often_as_it_says(tmp_path: Path) -> None:
    """Whether something came or not; at once only for what is there already."""
    more = page(3, hasMore=True, nextPollMs=2_000)
    world = World(pages=[page(1), page(2, nextPollMs=2_000), more, page(cursor="x")])
    with PlaceFile(tmp_path / "place.json") as file:
        follower = world.follower(file)
        for _ in range(4):
            follower.step()
    assert world.pauses == [2.0, 5.0]
