"""Who may come in: keys, scopes, addresses, rate."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from aiwebhook.domain.identity import Scope
from aiwebhook.usecases.keys import KeyOrder, create_key
from tests.relay.conftest import RelayClient
from tests.relay.test_bad_input import assert_nothing_stored, assert_problem

CREATE = {"type": "collaborative_session_command", "command": "create_session", "session_id": "s"}


def new_key(relay: RelayClient, **order: Any) -> str:
    """A key of the driver's project."""
    driver = relay.driver
    made = create_key(
        driver.access,
        replace(KeyOrder(name="k"), **order),
        project_id=driver.project_id,
        actor="test",
    )
    return made.key


@pytest.mark.req("W2", "O7")
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "key_missing"),
        ({"X-API-Key": ""}, "key_missing"),
        ({"Authorization": ""}, "key_malformed"),
        ({"Authorization": "Bearer"}, "key_malformed"),
        ({"Authorization": "Basic YTpi"}, "key_malformed"),
        ({"Authorization": "Bearer aiw_é"}, "key_malformed"),
        ({"Authorization": "Bearer " + "x" * 10_000}, "key_malformed"),
        ({"Authorization": "Bearer aiw_a\0b"}, "key_malformed"),
        ({"Authorization": "Bearer aiw_unknown"}, "key_unknown"),
        ({"X-API-Key": "aiw_unknown"}, "key_unknown"),
        ({"X-API-Key": "' OR 1=1 --"}, "key_unknown"),
    ],
)
def test_without_a_known_key_it_is_401(
    relay: RelayClient, headers: dict[str, str], code: str
) -> None:
    answer = relay.post(CREATE, key=None, headers=headers)
    assert_problem(answer, 401)
    assert answer.body["code"] == code
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert_nothing_stored(relay)


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    "header",
    ["Authorization: Bearer {}", "authorization: bearer {}", "X-API-Key: {}", "x-api-key: {} "],
)
def test_a_key_is_taken_in_either_header(relay: RelayClient, header: str) -> None:
    name, _, value = header.partition(": ")
    answer = relay.post(CREATE, key=None, headers={name: value.format(relay.driver.key.key)})
    assert answer.status == 200


@pytest.mark.req("W2", "O7")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("revoked_at = now()", "key_revoked"),
        ("expires_at = now() - interval '1 second'", "key_expired"),
    ],
)
def test_a_revoked_or_expired_key_is_401(relay: RelayClient, change: str, code: str) -> None:
    relay.driver.sql("UPDATE api_keys SET " + change + " WHERE project_id = %(project_id)s")  # noqa: S608 — a literal of this test
    answer = relay.post(CREATE)
    assert_problem(answer, 401)
    assert answer.body["code"] == code
    assert_nothing_stored(relay)


@pytest.mark.req("W2", "O7")
@pytest.mark.parametrize("scope", [Scope.READ, Scope.WORKER])
def test_without_the_scope_it_is_403(relay: RelayClient, scope: Scope) -> None:
    answer = relay.post(CREATE, key=new_key(relay, scopes=(scope,)))
    assert_problem(answer, 403)
    assert answer.body["code"] == "scope_missing"
    assert_nothing_stored(relay)


@pytest.mark.req("W6")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("203.0.113.7", 200),
        ("::ffff:203.0.113.7", 200),
        ("2001:db8::1", 200),
        ("203.0.114.7", 403),
        ("2001:db9::1", 403),
        ("", 403),
        ("unknown", 403),
        ("203.0.113.7, 10.0.0.1", 403),
    ],
)
def test_a_key_with_a_list_is_held_to_it(relay: RelayClient, address: str, status: int) -> None:
    key = new_key(relay, cidrs=("203.0.113.0/24", "2001:db8::/32"))
    answer = relay.post(CREATE, key=key, address=address)
    assert answer.status == status
    if status == 403:
        assert answer.body["code"] == "address_not_allowed"


@pytest.mark.req("W6")
def test_a_forwarded_header_does_not_change_the_address(relay: RelayClient) -> None:
    key = new_key(relay, cidrs=("10.0.0.0/8",))
    answer = relay.post(CREATE, key=key, headers={"X-Forwarded-For": "10.0.0.1"})
    assert answer.status == 403


@pytest.mark.req("W6")
def test_the_bucket_empties_tells_and_fills_again(relay: RelayClient) -> None:
    key = new_key(relay, rate_per_minute=60, burst=3)
    remaining: list[int] = []
    for _ in range(3):
        answer = relay.post(CREATE, key=key)
        assert answer.status == 200
        assert answer.headers["RateLimit-Policy"] == '"default";q=60;w=60'
        match = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
        assert match
        remaining.append(int(match[1]))
    assert remaining == [2, 1, 0]
    refused = relay.post(CREATE, key=key)
    assert_problem(refused, 429)
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["RateLimit"].startswith('"default";r=0;t=')
    assert refused.body["retryable"] is True
    relay.driver.sql(
        "UPDATE rate_buckets SET refilled_at = refilled_at - interval '1 second'"
        " WHERE key_id IN (SELECT key_id FROM api_keys WHERE project_id = %(project_id)s)"
    )
    assert relay.post(CREATE, key=key).status == 200


@pytest.mark.req("W6")
def test_errors_carry_the_rate_headers_too(relay: RelayClient) -> None:
    answer = relay.post(b"[]")
    assert answer.status == 400
    assert {"RateLimit", "RateLimit-Policy"} <= set(answer.headers)


@pytest.mark.req("W6")
def test_a_refused_key_costs_no_token(relay: RelayClient) -> None:
    relay.driver.sql("UPDATE api_keys SET revoked_at = now() WHERE project_id = %(project_id)s")
    relay.post(CREATE)
    rows = relay.driver.sql(
        "SELECT FROM rate_buckets JOIN api_keys USING (key_id) WHERE project_id = %(project_id)s"
    )
    assert rows == []
