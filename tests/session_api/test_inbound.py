"""What came in can be read: listed, narrowed, byte for byte; and told once more."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from aiwebhook.domain.answer_size import CONTENT_LIMIT
from aiwebhook.domain.identity import Scope
from tests.support.deliveries import receive
from tests.support.odd_bodies import ODD_BODIES
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("W4")
FORM = "application/x-www-form-urlencoded"


def items(driver: ApiDriver, query: str = "") -> list[dict[str, Any]]:
    """What GET /v1/inbound lists."""
    found = driver.get(f"/v1/inbound{query}")
    assert found.status == 200, found.text
    return found.body["items"]


@pytest.mark.parametrize("number", range(len(ODD_BODIES)))
@pytest.mark.parametrize("media", ["application/json", FORM, "text/x-ünknown"])
def test_any_bytes_are_read_back_exactly(driver: ApiDriver, number: int, media: str) -> None:
    body = ODD_BODIES[number]
    delivery_id = receive(driver, body, headers={"content-type": media}).delivery_id

    shown = driver.get(f"/v1/inbound/{delivery_id}").body
    raw = driver.get(f"/v1/inbound/{delivery_id}/body")

    assert base64.b64decode(shown["body_base64"]) == body
    assert base64.b64decode(raw.text) == body
    assert shown["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert shown["headers"]["content-type"] == media
    assert raw.headers["Content-Type"] == (media if media.isascii() else "application/octet-stream")
    assert raw.headers["Content-Security-Policy"] == "sandbox"


def test_large_bytes_are_fetched_from_the_blob_store(driver: ApiDriver) -> None:
    body = b'{"action": "large"}' + b" " * CONTENT_LIMIT
    delivery_id = receive(driver, body).delivery_id

    shown = driver.get(f"/v1/inbound/{delivery_id}").body
    raw = driver.get(f"/v1/inbound/{delivery_id}/body")

    assert (shown["body_base64"], shown["size"]) == (None, len(body))
    assert hashlib.sha256(body).hexdigest() in shown["body_url"]
    assert (raw.status, raw.headers["Location"]) == (303, shown["body_url"])


@pytest.mark.parametrize("media", ["application/json", FORM])
def test_a_delivery_tells_event_action_and_repository(driver: ApiDriver, media: str) -> None:
    payload = json.dumps({"action": "labeled", "repository": {"full_name": "octo/tree"}})
    body = payload if media != FORM else f"payload={quote_plus(payload)}"
    receive(driver, body.encode(), event="issues", headers={"content-type": media})

    [event] = driver.get("/v1/events?types=delivery.received").body["items"]
    [listed] = items(driver)

    for told in (event["data"], listed):
        assert (told["source"], told["event"]) == ("github", "issues")
        assert (told["action"], told["repository"]) == ("labeled", "octo/tree")


def test_each_filter_narrows_the_list(driver: ApiDriver) -> None:
    for action, repository in (("opened", "o/a"), ("closed", "o/b")):
        payload = {"action": action, "repository": {"full_name": repository}}
        receive(driver, json.dumps(payload).encode(), event="issues")
    receive(driver, b"{}", event="push")

    assert len(items(driver)) == 3
    assert [d["action"] for d in items(driver, "?action=closed")] == ["closed"]
    assert [d["action"] for d in items(driver, f"?repository={quote('o/a', safe='')}")] == [
        "opened"
    ]
    assert [d["event"] for d in items(driver, "?event=push")] == ["push"]
    assert items(driver, "?source=other") == items(driver, "?status=failed") == []
    assert len(items(driver, "?source=github&status=received&since=2020-01-01T00:00:00Z")) == 3
    assert items(driver, "?since=2100-01-01T00:00:00Z") == []
    assert driver.get("/v1/inbound?since=yesterday").status == 422
    assert driver.get("/v1/inbound?status=odd").status == 422


def test_pages_follow_each_other_and_lose_nothing(driver: ApiDriver) -> None:
    made = [receive(driver, b'{"n": %d}' % n).delivery_id for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = driver.get(f"/v1/inbound?limit=2{cursor}").body
        seen += [item["delivery_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


def test_a_guid_that_comes_with_other_bytes_is_shown_as_a_conflict(driver: ApiDriver) -> None:
    for body in (b"{}", b'{"other": true}'):
        receive(driver, body, headers={"x-github-delivery": "same"})
    assert [d["conflict"] for d in items(driver)] == [True, False]


def test_a_replay_tells_the_same_delivery_again(driver: ApiDriver) -> None:
    delivery_id = receive(driver, b'{"action": "opened"}').delivery_id
    done = driver.post(f"/v1/inbound/{delivery_id}/replay")

    events = driver.get("/v1/events?types=delivery.received").body["items"]

    assert (done.status, done.body) == (200, {"replayed": delivery_id})
    assert [event["data"]["delivery_id"] for event in events] == [delivery_id] * 2
    assert events[0]["data"] | {"replayed": True} == events[1]["data"]


def test_bytes_that_are_gone_are_told_so(driver: ApiDriver) -> None:
    delivery_id = receive(driver, b"{}").delivery_id
    driver.sql("UPDATE inbound_deliveries SET body = NULL, headers = '{}', body_pruned = true")

    shown = driver.get(f"/v1/inbound/{delivery_id}")
    assert shown.status == 200
    assert (shown.body["body_base64"], shown.body["body_url"]) == (None, None)
    for refused in (
        driver.get(f"/v1/inbound/{delivery_id}/body"),
        driver.post(f"/v1/inbound/{delivery_id}/replay"),
    ):
        assert (refused.status, refused.body["code"]) == (404, "body_gone")


@pytest.mark.req("S4")
def test_another_project_sees_and_replays_nothing(driver: ApiDriver) -> None:
    delivery_id = receive(driver, b"{}").delivery_id
    other = driver.other_project()

    assert items(other) == []
    for target in ("", "/body"):
        refused = other.get(f"/v1/inbound/{delivery_id}{target}")
        assert (refused.status, refused.body["code"]) == (404, "inbound_not_found")
    assert other.post(f"/v1/inbound/{delivery_id}/replay").status == 404
    reading = driver.make_key(Scope.READ)
    refused = driver.post(f"/v1/inbound/{delivery_id}/replay", token=reading)
    assert (refused.status, refused.body["code"]) == (403, "scope_missing")
