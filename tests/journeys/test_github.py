"""GitHub deliveries through the real front: exact bytes, checked, kept once."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from aiwebhook.client import Client
from aiwebhook_local.stack import StackInfo
from tests.support.tenant import rows

# Spaces, escapes and a number that JSON libraries change when they write it again.
PUSH = b'{ "ref":"refs\\/heads\\/main", "size" : 1.0, "id":12345678901234567890, "n":"\\u00e9" }\n'


_numbers = itertools.count(1)


def any_guid() -> str:
    """A delivery id as GitHub makes them."""
    return f"72d3162e-cc78-11e3-81ab-{next(_numbers):012x}"


def deliver(stack: StackInfo, body: bytes, secret: str | None, **headers: str) -> httpx.Response:
    """Post as GitHub does; without a secret, unsigned."""
    sent = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": any_guid(),
        "X-GitHub-Hook-ID": "4711",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if secret is not None:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        sent["X-Hub-Signature-256"] = f"sha256={digest}"
    return httpx.post(f"{stack.url}/webhook", content=body, headers=sent, timeout=30)


def kept(stack: StackInfo, guid: str) -> list[dict[str, Any]]:
    """What the database keeps of a delivery."""
    query = "SELECT hook_id, body, event_type FROM inbound_deliveries WHERE guid = %(guid)s"
    return rows(stack.dsn, query, guid=guid)


@pytest.mark.req("W1", "W4", "S9")
def test_a_signed_delivery_is_kept_byte_for_byte_and_told_as_an_event(
    stack: StackInfo, local_project: Client
) -> None:
    guid = any_guid()
    cursor = local_project.get("/v1/events", {"after": "latest"})["next_cursor"]

    answer = deliver(stack, PUSH, stack.github_secret, X_GitHub_Delivery=guid)

    assert answer.status_code == 202, answer.text
    assert (answer.json()["event"], answer.json()["duplicate"]) == ("push", False)
    [row] = kept(stack, guid)
    assert bytes(row["body"]) == PUSH
    page = local_project.get(
        "/v1/events", {"after": cursor, "types": "delivery.received"}, wait_s=20
    )
    assert [event["data"]["event"] for event in page["items"]] == ["push"], page


@pytest.mark.req("W1", "W4")
def test_a_delivery_that_comes_again_gets_the_first_answer_and_is_kept_once(
    stack: StackInfo,
) -> None:
    guid = any_guid()
    first, again = (
        deliver(stack, PUSH, stack.github_secret, X_GitHub_Delivery=guid) for _ in range(2)
    )
    other = deliver(
        stack, PUSH, stack.github_secret, X_GitHub_Delivery=guid, X_GitHub_Hook_ID="4712"
    )

    assert again.json() == {**first.json(), "duplicate": True}
    assert other.json()["duplicate"] is False
    assert sorted(row["hook_id"] for row in kept(stack, guid)) == ["4711", "4712"]


@pytest.mark.req("W1")
@pytest.mark.parametrize("secret", [None, "not the secret"])
def test_an_unsigned_or_badly_signed_delivery_is_refused_and_its_guid_stays_free(
    stack: StackInfo, secret: str | None
) -> None:
    guid = any_guid()

    answer = deliver(stack, PUSH, secret, X_GitHub_Delivery=guid)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert kept(stack, guid) == []
    good = deliver(stack, PUSH, stack.github_secret, X_GitHub_Delivery=guid)
    assert good.json()["duplicate"] is False


@pytest.mark.req("W1")
def test_a_form_body_and_a_ping_are_taken_as_well(stack: StackInfo) -> None:
    form = urlencode({"payload": PUSH.decode()}).encode()
    content_type = "application/x-www-form-urlencoded"
    guid = any_guid()

    posted = deliver(
        stack, form, stack.github_secret, Content_Type=content_type, X_GitHub_Delivery=guid
    )
    ping = deliver(stack, b'{"zen":"Keep it simple."}', stack.github_secret, X_GitHub_Event="ping")

    assert (posted.status_code, ping.status_code) == (202, 202)
    assert ping.json()["event"] == "ping"
    assert bytes(kept(stack, guid)[0]["body"]) == form
