"""GitHub deliveries: signed over the raw bytes, kept byte-exact, once per hook."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote_plus

import pytest

from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import ReceivedDelivery, WebhookSource, accept_delivery
from tests.relay.conftest import SECRETS, Answer, RelayClient
from tests.relay.test_bad_input import assert_nothing_stored, assert_problem
from tests.support.commands import open_database

GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
BODIES = [
    b'{"zen":"Design for failure.","hook_id":1}',
    b'{ "zen" : "caf\\u00e9" ,\n "n": 12345678901234567890, "f": 1.0, "a":1,"a":2 }\r\n',
    json.dumps({"text": "grün 💚"}, ensure_ascii=False).encode(),
    b'{"__proto__": {"x": 1}, "s": "\\/"}\n',
    b"payload=" + quote_plus('{"zen": "a b+c"}').encode(),
    b"\xff\xfe\x00 not text at all",
]


def sign(body: bytes, secret: str = SECRETS[0]) -> str:
    """As GitHub does."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(relay: RelayClient, body: bytes, **headers: str) -> Answer:
    """A signed delivery; headers override, "" leaves one out."""
    sent = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": GUID,
        "X-GitHub-Hook-ID": "292430182",
        "X-Hub-Signature-256": sign(body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return relay.post(body, key=None, headers={k: v for k, v in sent.items() if v != ""})


@pytest.mark.req("W1", "W4")
@pytest.mark.parametrize("body", BODIES)
def test_a_signed_delivery_is_kept_byte_for_byte(relay: RelayClient, body: bytes) -> None:
    media = (
        "application/x-www-form-urlencoded" if body.startswith(b"payload") else "application/json"
    )
    answer = deliver(relay, body, Content_Type=media, Authorization="Bearer secret")
    assert answer.status == 202
    assert answer.body == {
        "status": "received",
        "event": "push",
        "delivery_id": answer.body["delivery_id"],
        "duplicate": False,
        "conflict": False,
    }
    row = relay.driver.sql("SELECT * FROM inbound_deliveries WHERE project_id = %(project_id)s")[0]
    assert bytes(row["body"]) == body
    assert bytes(row["body_sha256"]) == hashlib.sha256(body).digest()
    assert row["content_type"] == media
    assert row["headers"]["x-hub-signature-256"] == sign(body)
    assert "authorization" not in row["headers"]


@pytest.mark.req("W1")
def test_ping_and_events_of_any_name_are_taken(relay: RelayClient) -> None:
    for number, event in enumerate(("ping", "pull_request", "some_future_event")):
        answer = deliver(relay, b"{}", X_GitHub_Event=event, X_GitHub_Delivery=f"g-{number}")
        assert (answer.status, answer.body["event"]) == (202, event)
    events = relay.driver.sql(
        "SELECT type, data FROM events WHERE project_id = %(project_id)s ORDER BY event_no"
    )
    assert [row["type"] for row in events] == ["delivery.received"] * 3
    assert [row["data"]["event"] for row in events] == ["ping", "pull_request", "some_future_event"]


@pytest.mark.req("W1")
def test_both_live_secrets_are_good(relay: RelayClient) -> None:
    for number, secret in enumerate(SECRETS):
        signature = sign(b"{}", secret)
        answer = deliver(
            relay, b"{}", X_Hub_Signature_256=signature, X_GitHub_Delivery=f"g-{number}"
        )
        assert answer.status == 202


@pytest.mark.req("W1")
@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha256=" + "0" * 63,
        sign(b"{}") + "0",
        sign(b"{}").upper(),
        sign(b"{}").replace("sha256", "sha1"),
        sign(b"{}").removeprefix("sha256="),
        " " + sign(b"{}"),
        sign(b"{}") + " ",
        sign(b"{}") + "," + sign(b"{}"),
        sign(b"{ }"),
        sign(b""),
        sign(b"{}", "an old secret"),
        sign(b"{}", ""),
        "sha256=" + "é" * 64,
        "x" * 100_000,
    ],
)
def test_a_wrong_signature_is_403_and_reserves_nothing(relay: RelayClient, signature: str) -> None:
    assert_problem(deliver(relay, b"{}", X_Hub_Signature_256=signature), 403)
    assert_nothing_stored(relay)
    good = deliver(relay, b"{}")
    assert (good.status, good.body["duplicate"]) == (202, False)


@pytest.mark.req("W1")
def test_an_api_key_does_not_replace_the_signature(relay: RelayClient) -> None:
    answer = relay.post(b"{}", headers={"X-GitHub-Event": "push"})
    assert_problem(answer, 403)


@pytest.mark.req("W1")
def test_two_signature_headers_are_403(relay: RelayClient) -> None:
    answer = relay.post(
        b"{}",
        key=None,
        headers={"X-GitHub-Event": "push"},
        repeated={"X-Hub-Signature-256": ["sha256=" + "0" * 64, sign(b"{}")]},
    )
    assert_problem(answer, 403)


@pytest.mark.req("W4")
def test_a_redelivery_answers_the_first_outcome(relay: RelayClient) -> None:
    first = deliver(relay, b"{}")
    again = deliver(relay, b"{}", X_GitHub_Event="ping")
    assert again.status == 202
    assert again.body == {**first.body, "duplicate": True}
    assert relay.driver.count("inbound_deliveries") == 1
    assert relay.driver.count("events") == 1


@pytest.mark.req("W4")
def test_one_guid_under_two_hooks_is_two_deliveries(relay: RelayClient) -> None:
    first = deliver(relay, b"{}")
    second = deliver(relay, b"{}", X_GitHub_Hook_ID="7")
    assert second.body["duplicate"] is False
    assert second.body["delivery_id"] != first.body["delivery_id"]


@pytest.mark.req("W4")
def test_without_a_guid_the_bytes_name_the_delivery(relay: RelayClient) -> None:
    answers = [deliver(relay, body, X_GitHub_Delivery="") for body in (b"{}", b"{}", b"{ }")]
    assert [a.body["duplicate"] for a in answers] == [False, True, False]


@pytest.mark.req("W4", "W6")
@pytest.mark.parametrize("hook", ["292430182", "7", ""])
def test_a_replay_without_its_guid_is_the_same_delivery(relay: RelayClient, hook: str) -> None:
    """GUID and hook id are not signed: a captured request can come without them."""
    first = deliver(relay, b"{}")
    replay = deliver(relay, b"{}", X_GitHub_Delivery="", X_GitHub_Hook_ID=hook)
    assert (replay.status, replay.body) == (202, {**first.body, "duplicate": True})
    assert relay.driver.count("inbound_deliveries") == 1


@pytest.mark.req("W4", "W6")
def test_after_the_replay_window_bytes_without_a_guid_are_new(relay: RelayClient) -> None:
    ids: list[str] = []
    for _ in range(3):
        answer = deliver(relay, b"{}", X_GitHub_Delivery="")
        assert answer.body["duplicate"] is False
        ids.append(answer.body["delivery_id"])
        again = deliver(relay, b"{}", X_GitHub_Delivery="")
        assert (again.body["duplicate"], again.body["delivery_id"]) == (True, ids[-1])
        relay.driver.sql(
            "UPDATE inbound_deliveries SET received_at = received_at - interval '1 day'"
        )
    assert len(set(ids)) == 3


@pytest.mark.req("W4")
def test_other_bytes_under_a_known_guid_are_kept_as_a_conflict(
    relay: RelayClient, log: io.StringIO
) -> None:
    first = deliver(relay, b"{}")
    second = deliver(relay, b'{"other": 1}')
    assert (first.body["conflict"], second.body["conflict"]) == (False, True)
    assert (second.status, second.body["duplicate"]) == (202, False)
    assert second.body["delivery_id"] != first.body["delivery_id"]
    rows = relay.driver.sql(
        "SELECT body, conflict FROM inbound_deliveries WHERE project_id = %(project_id)s"
        " ORDER BY received_at"
    )
    kept = [(bytes(row["body"]), row["conflict"]) for row in rows]
    assert kept == [(b"{}", False), (b'{"other": 1}', True)]
    assert relay.driver.count("events") == 2
    again = deliver(relay, b'{"other": 1}')
    assert again.body == {**second.body, "duplicate": True}
    assert deliver(relay, b"{}").body == {**first.body, "duplicate": True}
    assert log.getvalue().count("one GUID for two bodies") == 1


@pytest.mark.req("W1")
@pytest.mark.parametrize(
    "headers",
    [
        {"X_GitHub_Event": "Push It"},
        {"X_GitHub_Event": "x" * 65},
        {"X_GitHub_Delivery": "a b"},
        {"X_GitHub_Delivery": "é"},
        {"X_GitHub_Hook_ID": "abc"},
    ],
)
def test_malformed_headers_are_422(relay: RelayClient, headers: dict[str, str]) -> None:
    assert_problem(deliver(relay, b"{}", **headers), 422)
    assert_nothing_stored(relay)


@pytest.mark.req("W1")
def test_an_empty_delivery_is_400_even_when_signed(relay: RelayClient) -> None:
    assert_problem(deliver(relay, b""), 400)


@pytest.mark.req("W4")
def test_a_large_delivery_lies_in_the_blob_store(relay: RelayClient) -> None:
    body = b'{"x": "' + b"y" * 400_000 + b'"}'
    assert deliver(relay, body).status == 202
    row = relay.driver.sql("SELECT * FROM inbound_deliveries WHERE project_id = %(project_id)s")[0]
    assert row["body"] is None
    stored = relay.driver.blobs.get(
        project_id=relay.driver.project_id, sha256=bytes(row["body_sha256"])
    )
    assert stored == body


@pytest.mark.req("W4")
def test_fifty_at_once_are_one_delivery(relay: RelayClient) -> None:
    driver = relay.driver
    source = WebhookSource(project_id=driver.project_id, secrets=SECRETS)
    headers = {
        "x-hub-signature-256": sign(b"{}"),
        "x-github-event": "push",
        "x-github-delivery": GUID,
    }
    arrival = ReceivedDelivery(
        headers=headers, repeated=frozenset(), body=b"{}", correlation_id="c"
    )

    def worker() -> list[tuple[str, bool]]:
        database = open_database(driver.dsn)
        store = PostgresInboundStore(database)
        accepted = [accept_delivery(store, driver.blobs, source, arrival) for _ in range(10)]
        database.close()
        return [(a.delivery_id, a.duplicate) for a in accepted]

    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(worker) for _ in range(5)]
        answers = [answer for job in jobs for answer in job.result()]
    assert len({delivery_id for delivery_id, _ in answers}) == 1
    assert [duplicate for _, duplicate in answers].count(False) == 1


@pytest.mark.req("W1")
def test_the_golden_vector_of_github_holds() -> None:
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert sign(b"Hello, World!", "It's a Secret to Everybody") == expected
