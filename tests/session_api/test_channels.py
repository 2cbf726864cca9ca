"""Channels: a client goes on where it stood; one at a time, fenced by the epoch of its lease."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.commands import any_name
from tests.support.deliveries import receive
from tests.support.session_api import ApiDriver, ApiReply

pytestmark = pytest.mark.req("W5")


class ChannelDriver:
    """One channel of a driver's project, as one client."""

    def __init__(self, driver: ApiDriver, *, holder: str = "client-1", name: str = "") -> None:
        self.driver, self.holder = driver, holder
        self.name = name or any_name("channel")
        self.path = f"/v1/channels/{self.name}"

    def claim(self, **more: Any) -> ApiReply:
        return self.driver.post(f"{self.path}/claim", {"holder": self.holder, **more})

    def poll(self, epoch: int, query: str = "") -> ApiReply:
        return self.driver.get(f"{self.path}/deliveries?lease_epoch={epoch}{query}")

    def ids(self, epoch: int, query: str = "") -> list[str]:
        found = self.poll(epoch, query)
        assert found.status == 200, found.text
        return [item["delivery_id"] for item in found.body["items"]]

    def ack(self, epoch: int, cursor: str, **more: Any) -> ApiReply:
        return self.driver.post(
            f"{self.path}/ack", {"lease_epoch": epoch, "cursor": cursor, **more}
        )


def made(driver: ApiDriver, count: int = 3) -> list[str]:
    """So many deliveries, in their order."""
    return [receive(driver, b'{"n": %d}' % n).delivery_id for n in range(count)]


def test_a_new_channel_begins_with_what_comes_then(driver: ApiDriver) -> None:
    made(driver)
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    assert channel.ids(epoch) == []
    later = made(driver)
    assert channel.ids(epoch) == later


def test_a_channel_goes_on_behind_what_was_acknowledged(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    ids = made(driver)
    first = channel.poll(epoch).body["items"][0]

    assert base64.b64decode(first["body_base64"]) == b'{"n": 0}'
    assert first["headers"]["x-github-event"] == "push"
    assert channel.ids(epoch) == ids
    assert channel.ack(epoch, first["cursor"]).status == 200
    assert channel.ids(epoch) == ids[1:]
    assert channel.ids(epoch, "&limit=1") == ids[1:2]


def test_a_channel_is_rewound_to_a_time(driver: ApiDriver) -> None:
    ids = made(driver)
    channel = ChannelDriver(driver)
    epoch = channel.claim(since="2020-01-01T00:00:00Z").body["lease_epoch"]
    assert channel.ids(epoch) == ids
    epoch = channel.claim(since="2100-01-01T00:00:00Z").body["lease_epoch"]
    assert channel.ids(epoch) == []


def test_a_new_channel_begins_behind_a_cursor_that_the_client_kept(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    ids = made(driver)
    first, second, _ = channel.poll(epoch).body["items"]
    assert channel.claim(cursor=second["cursor"]).body["lease_epoch"] == epoch
    assert channel.ids(epoch) == ids, "one that exists stays where it stands"

    driver.call("DELETE", channel.path)
    epoch = channel.claim(cursor=first["cursor"]).body["lease_epoch"]
    assert channel.ids(epoch) == ids[1:]
    other = ChannelDriver(driver, holder="client-2")
    refused = other.claim(cursor="no cursor")
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/cursor")


def test_a_client_is_told_when_to_ask_again_where_no_poll_is_held(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    driver.waiting(holds_polls=False)
    assert channel.poll(epoch, "&wait=20").body["next_poll_ms"] == 5_000
    made(driver)
    assert "next_poll_ms" not in channel.poll(epoch, "&wait=20").body


def test_what_is_not_wanted_is_passed_over(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    body = json.dumps({"action": "opened", "repository": {"full_name": "o/r"}}).encode()
    wanted = receive(driver, body, event="issues").delivery_id
    other = receive(driver, b"{}", event="push").delivery_id

    for query in ("event=issues", "action=opened", "repository=o%2Fr"):
        assert channel.ids(epoch, f"&{query}") == [wanted]
    assert channel.ids(epoch, "&source=github") == [wanted, other]
    page = channel.poll(epoch, "&event=none").body
    assert page["items"] == []
    channel.ack(epoch, page["next_cursor"])
    assert channel.ids(epoch) == []


def test_one_client_holds_a_channel_and_another_waits_for_the_end_of_its_lease(
    driver: ApiDriver,
) -> None:
    one = ChannelDriver(driver)
    other = ChannelDriver(driver, holder="client-2", name=one.name)
    epoch = one.claim().body["lease_epoch"]
    made(driver)
    cursor = one.poll(epoch).body["items"][0]["cursor"]

    refused = other.claim()
    assert (refused.status, refused.body["code"]) == (409, "channel_taken")
    assert one.claim().body["lease_epoch"] == epoch
    driver.sql("UPDATE channels SET leased_until = now()")
    taken = other.claim().body["lease_epoch"]

    assert taken == epoch + 1
    for refused in (one.ack(epoch, cursor), one.poll(epoch), one.claim()):
        assert (refused.status, refused.body["code"]) == (409, "channel_taken")
    assert len(other.ids(taken)) == 3
    assert other.ack(taken, cursor).status == 200


def test_whoever_comes_back_late_gets_a_new_epoch(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    driver.sql("UPDATE channels SET leased_until = now()")
    assert channel.claim().body["lease_epoch"] == epoch + 1


def test_a_lease_that_is_let_go_is_free_at_once(driver: ApiDriver) -> None:
    one = ChannelDriver(driver)
    other = ChannelDriver(driver, holder="client-2", name=one.name)
    epoch = one.claim().body["lease_epoch"]
    driver.post(f"{other.path}/release", {"lease_epoch": epoch + 1})
    assert other.claim().status == 409
    driver.post(f"{one.path}/release", {"lease_epoch": epoch})
    [listed] = driver.get("/v1/channels").body["items"]
    assert listed["lease_epoch"] == epoch
    assert other.claim().status == 200


def test_a_failure_is_noted_and_a_replay_brings_it_back(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    epoch = channel.claim().body["lease_epoch"]
    [delivery_id] = made(driver, 1)
    cursor = channel.poll(epoch).body["items"][0]["cursor"]
    channel.ack(epoch, cursor, delivery_id=delivery_id, failure="HTTP 404")

    [failed] = driver.get("/v1/inbound?status=failed").body["items"]
    assert (failed["delivery_id"], failed["failure"]) == (delivery_id, "HTTP 404")
    assert channel.ids(epoch) == []
    driver.post(f"/v1/inbound/{delivery_id}/replay")
    [again] = channel.poll(epoch).body["items"]
    assert (again["delivery_id"], again["replayed"]) == (delivery_id, True)
    assert driver.get("/v1/inbound?status=failed").body["items"] == []


def test_a_place_that_is_none_is_refused_where_it_was_sent(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    refused = channel.ack(channel.claim().body["lease_epoch"], "0")
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/cursor")


def test_channels_are_listed_and_forgotten(driver: ApiDriver) -> None:
    channel = ChannelDriver(driver)
    held = channel.claim().body
    assert driver.get("/v1/channels").body["items"] == [held]
    assert driver.call("DELETE", channel.path).body == {"deleted": channel.name}
    for refused in (channel.poll(1), channel.ack(1, held["cursor"])):
        assert (refused.status, refused.body["code"]) == (404, "channel_not_found")


@pytest.mark.req("S4")
def test_another_project_has_channels_of_its_own(driver: ApiDriver) -> None:
    one = ChannelDriver(driver)
    other = ChannelDriver(driver.other_project(), holder="client-2", name=one.name)
    epochs = one.claim().body["lease_epoch"], other.claim().body["lease_epoch"]
    ids = made(driver)
    assert (one.ids(epochs[0]), other.ids(epochs[1])) == (ids, [])
    reading = driver.make_key(Scope.READ)
    refused = driver.post(f"{one.path}/claim", {"holder": "client-1"}, token=reading)
    assert (refused.status, refused.body["code"]) == (403, "scope_missing")
