"""events/subscribe and events/unsubscribe: who may, what is refused, what a refresh does."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from aiwebhook.clock import utc_now
from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.identity import Scope
from session_api.mcp.eras import MODERN
from session_api.mcp.events.refusals import EVENTS_EXTENSION
from tests.support.follower import Follower
from tests.support.mcp import McpClient
from tests.support.mcp_receiver import echoed, verified
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]


def whsec(size: int) -> str:
    """A secret of so many bytes."""
    return "whsec_" + base64.b64encode(b"s" * size).decode()


def test_a_subscription_is_granted_once_its_receiver_agrees(follower: Follower) -> None:
    before = utc_now()
    done = follower.subscribe()
    assert done["id"].startswith("sub_")
    granted = datetime.fromisoformat(done["refreshBefore"]) - before
    assert timedelta(days=29) < granted < timedelta(days=31)
    assert isinstance(done["cursor"], str)
    assert done["truncated"] is False
    assert done["deliveryStatus"] == {"active": True, "lastDeliveryAt": None, "lastError": None}
    (challenge,) = follower.receivers.challenges(follower.url)
    assert verified(challenge, follower.secret)["type"] == "verification"
    assert challenge.headers["webhook-id"].startswith("msg_verification_")
    assert challenge.headers["X-MCP-Subscription-Id"] == done["id"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answered(status=200, snippet='{"challenge": "another"}'), "challenge_failed"),
        (Answered(status=200, snippet="<html>"), "challenge_failed"),
        (Answered(status=200, snippet='["challenge"]'), "challenge_failed"),
        (Answered(status=200, snippet='{"challenge": 5}'), "challenge_failed"),
        (Answered(status=302), "http_4xx"),
        (Answered(status=404, snippet="MARKER"), "http_4xx"),
        (Answered(status=503), "http_5xx"),
        (DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail="MARKER"), "timeout"),
        (DeliveryUnanswered(fault=SendFailure.TLS, detail="MARKER"), "tls_error"),
        (DeliveryUnanswered(fault=SendFailure.REFUSED, detail="MARKER"), "connection_refused"),
    ],
)
def test_a_receiver_that_does_not_agree_gets_nothing(
    follower: Follower, answer: SendOutcome, reason: str
) -> None:
    follower.receivers.answer(follower.url, answer)
    error = follower.refusal()
    assert (error["code"], error["data"]) == (-32015, {"reason": reason})
    assert "MARKER" not in json.dumps(error)
    follower.completed()
    assert follower.deliveries() == []


def test_a_challenge_of_another_time_proves_nothing(follower: Follower) -> None:
    follower.subscribe()
    (first,) = follower.receivers.challenges(follower.url)
    other = replace(follower, url=f"{follower.url}2")
    follower.receivers.answer(other.url, lambda _: echoed(first))
    assert other.refusal()["data"] == {"reason": "challenge_failed"}


@pytest.mark.parametrize(
    ("secret", "taken"),
    [
        (whsec(24), True),
        (whsec(64), True),
        (whsec(32).rstrip("="), True),
        (whsec(23), False),
        (whsec(65), False),
        ("whsec_", False),
        ("whsec_" + "_-" * 20, False),
        (whsec(32).removeprefix("whsec_"), False),
        (whsec(32) + "\n", False),
        (None, False),
        (5, False),
    ],
)
def test_a_secret_is_whsec_and_24_to_64_bytes(follower: Follower, secret: Any, taken: bool) -> None:
    delivery = {"mode": "webhook", "url": follower.url, "secret": secret}
    answer = follower.client.call("events/subscribe", follower.params(delivery=delivery))
    assert ("result" in answer) is taken
    assert taken or answer["error"]["code"] == -32602


@pytest.mark.parametrize(
    "url",
    [
        *("http://chat.example.com/hook", "http://127.0.0.1/hook", "ftp://chat.example.com/"),
        *(
            "https:///x",
            "https://10.0.0.1/",
            "https://chat.example.com:8443/",
            "https://münchen.de/",
        ),
        *("https://a@chat.example.com/", "", None, 5),
    ],
)
def test_only_https_to_a_name_is_called(follower: Follower, url: Any) -> None:
    delivery = {"mode": "webhook", "url": url, "secret": follower.secret}
    error = follower.client.call("events/subscribe", follower.params(delivery=delivery))["error"]
    assert error["code"] == -32602
    assert follower.receivers.sent == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"delivery": None}, -32602),
        ({"delivery": {"mode": "carrier pigeon"}}, -32602),
        ({"delivery": {"mode": "push"}}, -32014),
        ({"name": "task.progress"}, -32014),
        ({"name": "task.deleted"}, -32011),
        ({"arguments": {"session_id": "nowhere"}}, -32011),
        ({"arguments": {"colour": "red"}}, -32602),
        ({"cursor": 5}, -32602),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(
    follower: Follower, params: Json, code: int
) -> None:
    error = follower.client.call("events/subscribe", {**follower.params(), **params})["error"]
    assert error["code"] == code
    assert follower.receivers.sent == []
    if code == -32014:
        assert error["data"]["feature"] == "deliveryMode"


def test_a_key_that_may_only_read_may_poll_and_not_subscribe(driver: ApiDriver) -> None:
    reader = Follower(driver=driver, token=driver.make_key(Scope.READ))
    assert reader.refusal()["code"] == -32012
    assert reader.client.result("events/poll", {"name": "task.updated"})["events"] == []


def test_a_client_of_the_sep_gets_its_numbers(follower: Follower) -> None:
    follower.receivers.answer(follower.url, Answered(status=500))
    client = McpClient(
        driver=follower.driver, version=MODERN, capabilities={"extensions": {EVENTS_EXTENSION: {}}}
    )
    error = client.call("events/subscribe", follower.params())["error"]
    assert (error["code"], error["data"]["reason"]) == (-32027, "http_5xx")


@pytest.mark.parametrize(
    ("ttl_ms", "seconds"),
    [
        *((0, 60), (-1, 60), (3_600_000, 3_600), (10**18, 30 * 86_400)),
        *(("x", 30 * 86_400), (None, 30 * 86_400), (True, 30 * 86_400)),
    ],
)
def test_no_wish_for_a_time_is_refused(follower: Follower, ttl_ms: Any, seconds: int) -> None:
    done = follower.subscribe(ttlMs=ttl_ms)
    granted = (datetime.fromisoformat(done["refreshBefore"]) - utc_now()).total_seconds()
    assert seconds - 10 < granted <= seconds


def test_the_same_again_is_a_refresh_and_anything_else_another(follower: Follower) -> None:
    session = follower.driver.session()
    arguments = {"session_id": session, "types": ["task.failed", "task.completed"]}
    first = follower.subscribe(arguments=arguments)["id"]
    turned = dict(reversed(arguments.items())) | {"types": ["task.completed", "task.failed"]}
    assert follower.subscribe(arguments=turned)["id"] == first
    others = {
        follower.subscribe(arguments={"session_id": session})["id"],
        follower.subscribe("task.failed")["id"],
        replace(follower, url=f"{follower.url}2").subscribe(arguments=arguments)["id"],
        Follower(driver=follower.driver.other_project(), url=follower.url).subscribe()["id"],
    }
    assert len(others | {first}) == 5
    assert follower.sql(
        "SELECT count(*) FROM event_subscriptions WHERE project_id = 'PROJECT'"
    ) == [(4,)]


def test_one_address_is_asked_once_for_each_principal(follower: Follower) -> None:
    follower.subscribe()
    follower.subscribe("task.failed")
    follower.subscribe()
    assert len(follower.receivers.challenges(follower.url)) == 1
    Follower(driver=follower.driver.other_project(), url=follower.url).subscribe()
    assert len(follower.receivers.challenges(follower.url)) == 2


def test_the_same_fifty_times_at_once_is_one(follower: Follower) -> None:
    outside, project_id = follower.driver.outside, follower.driver.project_id
    drivers = [
        ApiDriver(follower.driver.dsn, project_id=project_id, outside=outside) for _ in range(10)
    ]

    def five(driver: ApiDriver) -> set[str]:
        return {replace(follower, driver=driver).subscribe()["id"] for _ in range(5)}

    with ThreadPoolExecutor(10) as pool:
        assert len(set[str]().union(*pool.map(five, drivers))) == 1
    assert follower.sql(
        "SELECT count(*) FROM event_subscriptions WHERE project_id = 'PROJECT'"
    ) == [(1,)]


def test_the_fifty_first_is_refused_before_anybody_is_asked(follower: Follower) -> None:
    sessions = [follower.driver.session() for _ in range(51)]
    for session in sessions[:50]:
        follower.subscribe(arguments={"session_id": session})
    other = replace(follower, url=f"{follower.url}2")
    error = other.refusal(arguments={"session_id": sessions[50]})
    assert (error["code"], error["data"]) == (-32013, {"limit": "subscriptions", "max": 50})
    assert follower.receivers.challenges(other.url) == []
    assert follower.subscribe(arguments={"session_id": sessions[0]})["id"]
    follower.unsubscribe(arguments={"session_id": sessions[0]})
    assert other.subscribe(arguments={"session_id": sessions[50]})["id"]


def test_ending_goes_by_the_key_and_is_harmless_twice(follower: Follower) -> None:
    subscription_id = follower.subscribe()["id"]
    unknown = follower.unsubscribe("task.failed")["error"]
    assert (unknown["code"], unknown["data"]) == (-32011, {"kind": "subscription"})
    stranger = Follower(driver=follower.driver.other_project(), url=follower.url)
    assert stranger.unsubscribe()["error"]["code"] == -32011
    by_id = follower.client.call("events/unsubscribe", {"id": subscription_id})
    assert by_id["error"]["code"] == -32602
    follower.completed()
    for _ in range(2):
        assert follower.unsubscribe()["result"]["resultType"] == "complete"
    follower.completed()
    follower.deliver()
    assert follower.received() == []


def test_no_row_and_no_list_shows_a_secret(follower: Follower) -> None:
    follower.subscribe()
    secret = follower.secret.removeprefix("whsec_")
    rows = follower.sql("SELECT to_jsonb(s)::text FROM event_subscriptions s")
    assert secret not in str(rows)
    assert base64.b64decode(secret).hex() not in str(rows)
    driver = follower.driver
    assert driver.get("/v1/endpoints").body["items"] == []
    subscription_id = follower.subscribe()["id"]
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/ping")):
        told = driver.call(method, f"/v1/endpoints/{subscription_id}{path}")
        assert told.status == 404, (method, path)
    assert (
        driver.call("PATCH", f"/v1/endpoints/{subscription_id}", {"status": "disabled"}).status
        == 404
    )
