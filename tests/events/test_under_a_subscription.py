"""What goes away under a live subscription, and addresses that no callback may reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from aiwebhook.domain.delivery import Answered, SendOutcome
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.ports.deliveries import Callback
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.notifier.sending import SHORT, Resolver
from tests.notifier.test_ssrf import PUBLIC_V4, Dialled, dialled
from tests.support.follower import Follower
from tests.support.hostile_addresses import HOSTILE, HOSTILE_URLS
from tests.support.restores import another_server, dump, restore
from tests.support.session_api import ApiDriver

__all__ = ["dialled"]
pytestmark = pytest.mark.req("N6")
DOWN = Answered(status=503)


@pytest.fixture(scope="module")
def young(postgres_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    with another_server(postgres_server) as server:
        yield server


def test_a_project_that_is_deleted_takes_its_subscriptions_along(follower: Follower) -> None:
    """Before it is claimed, and between the claim and what is written down about it."""

    def delete() -> None:
        follower.sql("DELETE FROM projects WHERE project_id = 'PROJECT'")

    def meanwhile(_callback: Callback) -> SendOutcome:
        delete()
        return DOWN

    follower.subscribe()
    follower.completed()
    follower.receivers.answer(follower.url, meanwhile)
    report = follower.deliver()
    assert report.failed == frozenset()
    follower.deliver()
    assert len(follower.received()) == 1
    for table in ("event_subscriptions", "endpoints", "deliveries", "callback_verifications"):
        counted = follower.sql(f"SELECT count(*) FROM {table} WHERE project_id = 'PROJECT'")  # noqa: S608 - names of this test
        assert counted == [(0,)], table


def test_a_restored_server_goes_on_with_its_subscriptions_and_old_cursors(
    follower: Follower, young: EmbeddedPostgres
) -> None:
    follower.subscribe()
    first = follower.completed()
    read = follower.subscribe()["cursor"]
    follower.receivers.answer(follower.url, DOWN)
    follower.deliver()
    dumped = dump(follower.driver.dsn)
    follower.completed()
    ahead = follower.client.result("events/poll", {"name": "task.updated"})["cursor"]
    driver = ApiDriver(
        restore(young, dumped, "restored"),
        project_id=follower.driver.project_id,
        outside=replace(follower.driver.outside, databases=[]),
    )
    with closing(driver.outside):
        after = replace(follower, driver=driver, token=follower.driver.key)
        before = len(after.received())
        polled = after.client.result("events/poll", {"name": "task.updated", "cursor": ahead})
        assert (polled["events"], polled["truncated"]) == ([], True)
        assert after.subscribe(cursor=ahead)["deliveryStatus"]["active"] is True
        last = after.completed()
        after.deliver()
        told = [event["data"]["task_id"] for event in after.told()[before:]]
        assert told == [first, last]
        polled = after.client.result("events/poll", {"name": "task.updated", "cursor": read})
        assert last in [each["data"]["task_id"] for each in polled["events"]]
        lapsed = replace(after, url=f"{after.url}&lapsed")
        assert lapsed.subscribe(cursor=ahead)["truncated"] is True


def test_no_address_inside_is_dialled_however_a_callback_url_spells_it(
    follower: Follower, dialled: Dialled
) -> None:
    refused: dict[str, str] = {}
    for url in HOSTILE_URLS:
        follower.driver.sending_by(
            HttpCallbackSender(resolve=Resolver([PUBLIC_V4]), limits=SHORT), allow_loopback=False
        )
        error = replace(follower, url=url).refusal()
        refused[url] = f"{error['code']}"
    for address in HOSTILE:
        for answers in ([address], [PUBLIC_V4, address]):
            follower.driver.sending_by(
                HttpCallbackSender(resolve=Resolver(answers), limits=SHORT), allow_loopback=False
            )
            name = f"https://host-{len(refused)}.example.com/"
            error = replace(follower, url=name).refusal()
            refused[name] = f"{error['code']} {error['data'].get('reason')}"
    assert set(refused.values()) == {"-32602", "-32015 connection_refused"}
    assert len(refused) == len(HOSTILE_URLS) + 2 * len(HOSTILE)
    assert dialled.addresses == []
