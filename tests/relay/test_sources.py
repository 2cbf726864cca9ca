"""Sources: each at an address of its own, signed as its kind signs, with limits of its own."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from aiwebhook.domain.source import SourceKind
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.sources import SourceFields
from aiwebhook.usecases.manage_sources import (
    ManagedSource,
    SourceOrder,
    create_source,
    rotate_source,
)
from tests.relay.conftest import Answer, RelayClient
from tests.support.commands import any_name
from tests.support.senders import (
    KINDS,
    SECRET,
    WHSEC,
    Headers,
    github,
    mac,
    own,
    slack,
    source_services,
    standard,
)
from tests.support.session_api import MASTER_KEY

pytestmark = pytest.mark.req("W8")
BODY = b'{ "id":"evt_1", "type" : "invoice.paid", "event_id": "Ev1", "n": 1.0 }\r\n'


class Sources:
    """Sources of the driver's project."""

    def __init__(self, relay: RelayClient) -> None:
        self.relay = relay
        self.services = source_services(relay.driver.database, MASTER_KEY)
        self.actor = Actor(project_id=relay.driver.project_id, key_id="test")

    def make(self, kind: str, *, secret: str | None = None, **fields: Any) -> str:
        """The id of a new source."""
        return self.made(kind, secret=secret, **fields).source.source_id

    def made(self, kind: str, *, secret: str | None = None, **fields: Any) -> ManagedSource:
        values: dict[str, Any] = {"max_bytes": 4_000_000, "rate_per_minute": 6000, "burst": 6000}
        values |= {"cidrs": [], "rules": {}, **fields}
        order = SourceOrder(
            kind=SourceKind(kind),
            source_id=None if kind == "none" else any_name("source").lower(),
            secret=secret,
            fields=SourceFields(**values),
        )
        return create_source(self.services, self.actor, order)

    def send(
        self, source_id: str, body: bytes, headers: Mapping[str, str], path: str = "", **event: Any
    ) -> Answer:
        target = f"/webhook/{source_id}{path}"
        return self.relay.post(body, key=None, headers=dict(headers), path=target, **event)

    def kept(self) -> list[dict[str, Any]]:
        return self.relay.driver.sql(
            "SELECT * FROM inbound_deliveries WHERE project_id = %(project_id)s"
            " ORDER BY received_at, delivery_id"
        )


@pytest.fixture
def sources(relay: RelayClient) -> Sources:
    return Sources(relay)


each_kind = pytest.mark.parametrize("name", sorted(KINDS))


def now() -> int:
    return int(time.time())


@each_kind
def test_a_signed_delivery_is_kept_byte_for_byte_and_once(sources: Sources, name: str) -> None:
    kind, sign, secret, rules = KINDS[name]
    source_id = sources.make(kind, secret=secret, rules=rules)

    first = sources.send(source_id, BODY, sign(BODY, now()), path="/a/b%20c")
    again = sources.send(source_id, BODY, sign(BODY, now()))
    other = sources.send(source_id, BODY + b" ", sign(BODY + b" ", now()))

    assert (first.status, first.body["event"]) == (202, "invoice.paid"), first.body
    assert (again.body["duplicate"], again.body["delivery_id"]) == (
        True,
        first.body["delivery_id"],
    )
    assert (other.body["duplicate"], other.body["conflict"]) == (False, True)
    rows = sources.kept()
    assert [bytes(row["body"]) for row in rows] == [BODY, BODY + b" "]
    assert rows[0]["path"] == "/a/b%20c"
    assert {row["source"] for row in rows} == {source_id}


@each_kind
def test_a_delivery_that_is_not_signed_so_is_refused_and_leaves_nothing(
    sources: Sources, name: str
) -> None:
    kind, sign, secret, rules = KINDS[name]
    source_id = sources.make(kind, secret=secret, rules=rules)
    wrong = "whsec_" + base64.b64encode(b"x" * 32).decode() if "whsec" in secret else "wrong"
    good = sign(BODY, now())
    bad: list[tuple[bytes, Headers]] = [
        (BODY, {}),
        (BODY, sign(BODY, now(), wrong)),
        (json.dumps(json.loads(BODY)).encode(), good),
        (b"", good),
        *((BODY, {**good, n: v}) for n in good for v in ("", "é", "\ud800", "0", "v1", "x" * 5000)),
    ]
    for body, headers in bad:
        if headers.keys() == good.keys() and name.startswith(("github", "hmac")):
            changed = [n for n in headers if headers[n] != good[n]]
            if changed and not {"X-Hub-Signature-256", "X-Signature", "X-Mac"} & set(changed):
                continue  # not signed by these
        refused = sources.send(source_id, body, headers)
        assert (refused.status, refused.body["code"]) == (403, "signature_invalid"), headers
    assert sources.kept() == []


@pytest.mark.parametrize("name", ["standard", "svix", "stripe", "slack"])
@pytest.mark.parametrize(("apart", "status"), [(-310, 403), (310, 403), (-280, 202), (280, 202)])
def test_a_signed_time_counts_within_the_window(
    sources: Sources, name: str, apart: int, status: int
) -> None:
    kind, sign, secret, rules = KINDS[name]
    source_id = sources.make(kind, secret=secret, rules=rules)
    assert sources.send(source_id, BODY, sign(BODY, now() + apart)).status == status


@pytest.mark.parametrize("at", ["", "nan", "1e9", "-1", "0", " 1", "٣" * 10, "9" * 30])
def test_an_odd_time_is_refused(sources: Sources, at: str) -> None:
    source_id = sources.make("slack", secret=SECRET)
    signature = mac(SECRET, f"v0:{at}:".encode() + BODY).hex()
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}
    assert sources.send(source_id, BODY, headers).status == 403


def test_more_signatures_than_anybody_sends_are_refused(sources: Sources) -> None:
    source_id = sources.make("standard_webhooks", secret=WHSEC)
    headers = standard(BODY, now())
    headers["webhook-signature"] = "v1,AAAA " * 10_000 + headers["webhook-signature"]
    assert sources.send(source_id, BODY, headers).status == 403


@pytest.mark.req("W6")
def test_two_secrets_are_live_while_one_replaces_the_other(sources: Sources) -> None:
    source_id = sources.make("hmac", secret="the first secret")

    def statuses() -> list[int]:
        secrets = ("the first secret", "the second one", "the third one", "none of them")
        return [sources.send(source_id, BODY, own(BODY, 0, secret)).status for secret in secrets]

    def rotate(secret: str, overlap_s: int) -> None:
        rotate_source(
            sources.services,
            sources.actor,
            source_id=source_id,
            secret=secret,
            overlap_s=overlap_s,
        )

    assert statuses() == [202, 403, 403, 403]
    rotate("the second one", 0)
    assert statuses() == [403, 202, 403, 403]
    rotate("the third one", 3600)
    assert statuses() == [403, 202, 202, 403]


def test_anyone_who_knows_a_random_address_may_send_without_a_signature(sources: Sources) -> None:
    source_id = sources.make("none")
    assert len(source_id) == 32
    answers = [sources.send(source_id, body, {}) for body in (b"same", b"same", b"", b"\xff\x00")]

    assert [answer.status for answer in answers] == [202] * 4
    assert [answer.body["duplicate"] for answer in answers] == [False] * 4
    assert [bytes(row["body"]) for row in sources.kept()] == [b"same", b"same", b"", b"\xff\x00"]


def test_slacks_challenge_for_a_new_address_is_answered_and_is_not_a_delivery(
    sources: Sources,
) -> None:
    source_id = sources.make("slack", secret=SECRET)
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    unsigned = sources.send(source_id, body, {})
    answer = sources.relay.raw(body, slack(body, now()), f"/webhook/{source_id}")

    assert unsigned.status == 403
    assert (answer["statusCode"], answer["body"]) == (200, "3eZbrw1aB")
    assert answer["headers"]["Content-Type"].startswith("text/plain")
    assert sources.kept() == []


def test_no_unknown_disabled_or_malformed_address_tells_which_it_is(sources: Sources) -> None:
    disabled = sources.make("hmac", secret=SECRET)
    sources.services.store.change_source(
        sources.actor, source_id=disabled, fields=SourceFields(status="disabled")
    )
    texts: set[str] = set()
    for source_id in ("no_such", disabled, "UPPER", "a" * 500, "%00", "ü", "..", "x'--"):
        refused = sources.send(source_id, BODY, own(BODY, 0))
        assert (refused.status, refused.body["code"]) == (404, "source_not_found")
        texts.add(refused.body["detail"])
    assert len(texts) == 1
    assert sources.kept() == []


def test_a_path_that_leads_elsewhere_is_refused(sources: Sources) -> None:
    source_id = sources.make("none")
    for path in ("/../x", "/a/%2e%2e/x", "/./x", "/..%5c..%5cx"):
        assert sources.send(source_id, b"{}", {}, path=path).status == 404
    assert sources.send(source_id, b"{}", {}, path="/a/..b").status == 202


def test_the_rate_of_a_source_holds_before_anything_is_checked(sources: Sources) -> None:
    source_id = sources.make("hmac", secret=SECRET, rate_per_minute=1, burst=2)
    statuses = [sources.send(source_id, BODY, {}) for _ in range(3)]
    assert [answer.status for answer in statuses] == [403, 403, 429]
    assert int(statuses[-1].headers["Retry-After"]) >= 1


@pytest.mark.req("W6")
def test_a_list_of_addresses_holds_where_one_is_given(sources: Sources) -> None:
    source_id = sources.make("none", cidrs=["192.0.2.0/24"])
    inside = sources.send(source_id, b"{}", {}, address="192.0.2.7")
    outside = sources.send(
        source_id, b"{}", {"X-Forwarded-For": "192.0.2.7"}, address="198.51.100.1"
    )
    assert (inside.status, outside.status) == (202, 403)
    assert outside.body["code"] == "address_not_allowed"


def test_what_is_too_large_leaves_a_tombstone_and_may_come_again(sources: Sources) -> None:
    source_id = sources.make("github", secret=SECRET, max_bytes=10)
    unsigned = sources.send(source_id, BODY, {})
    refused = sources.send(source_id, BODY, github(BODY, 0))
    repeated = sources.send(source_id, BODY, github(BODY, 0))

    assert (unsigned.status, refused.status, repeated.status) == (403, 413, 413)
    assert refused.body["code"] == "body_too_large"
    [row] = sources.kept()
    assert (row["guid"], row["size"], row["status"]) == ("evt_1", len(BODY), "too_large")
    assert (row["body"], row["headers"]) == (None, {})

    sources.services.store.change_source(
        sources.actor, source_id=source_id, fields=SourceFields(max_bytes=1000)
    )
    taken = sources.send(source_id, BODY, github(BODY, 0))
    assert (taken.status, taken.body["duplicate"], taken.body["conflict"]) == (202, False, False)
    assert [row["status"] for row in sources.kept()] == ["too_large", "received"]


def test_a_box_of_another_source_or_master_key_opens_nothing(sources: Sources) -> None:
    one, other = (sources.make("hmac", secret=SECRET) for _ in range(2))
    sources.relay.driver.sql(
        "UPDATE sources s SET secret_box = o.secret_box FROM sources o"
        " WHERE o.project_id = s.project_id AND o.source_id <> s.source_id"
        " AND s.project_id = %(project_id)s RETURNING s.source_id"
    )
    assert [sources.send(each, BODY, own(BODY, 0)).status for each in (one, other)] == [503, 503]


def test_no_secret_lies_readable_in_the_row(sources: Sources) -> None:
    sources.make("hmac", secret=SECRET)
    rows = sources.relay.driver.sql("SELECT * FROM sources WHERE project_id = %(project_id)s")
    assert SECRET.encode() not in b"".join(bytes(row["secret_box"]) for row in rows)
    assert SECRET not in repr(rows)


def test_github_at_its_own_address_is_the_source_github(sources: Sources) -> None:
    secret = "a live secret"
    path = "/webhook/github/hook"
    pushed = {"X-GitHub-Event": "push"}
    signed = github(BODY, 0, secret) | pushed | {"X-GitHub-Delivery": "g-1"}
    taken = sources.relay.post(BODY, key=None, headers=signed, path=path)
    refused = sources.relay.post(BODY, key=None, headers=github(BODY, 0) | pushed, path=path)
    assert (taken.status, refused.status) == (202, 403)
    [row] = sources.kept()
    assert (row["source"], row["path"]) == ("github", "/hook")
