"""The database away: 503 that says when to come back; afterwards all goes on by itself."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from relay.door import RelayDoor
from tests.relay.conftest import SECRETS, RelayClient
from tests.relay.test_bad_input import assert_problem
from tests.relay.test_github import sign

NOBODY = Credentials(host="127.0.0.1", port=1, username="u", password="canary-pw", dbname="d")
CREATE = {"type": "collaborative_session_command", "command": "create_session", "session_id": "s"}


@pytest.mark.req("S6", "W4")
@pytest.mark.parametrize("door", ["command", "github"])
def test_without_the_database_it_is_503_with_remedy(
    relay: RelayClient, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    away = Database(lambda: NOBODY)
    module: Any = __import__("relay.handler", fromlist=["door"])
    parts = dataclasses.replace(
        module.door._parts,
        authenticator=PostgresAuthenticator(away),
        inbound=PostgresInboundStore(away),
    )
    monkeypatch.setattr(module, "answer", RelayDoor(parts).answer)
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": sign(b"{}", SECRETS[1])}
    answer = relay.post(CREATE) if door == "command" else relay.post(b"{}", headers=headers)
    assert_problem(answer, 503)
    assert answer.body["code"] == "database_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert "127.0.0.1:1" in answer.body["detail"]
    assert "canary-pw" not in str(answer)


@pytest.mark.req("S6")
def test_a_connection_that_died_while_asleep_is_replaced(relay: RelayClient) -> None:
    assert relay.post(CREATE).status == 200
    pid = relay.driver.database.connection.info.backend_pid
    killer = relay.driver.twin()
    database: Any = killer.store
    database._database.connection.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    assert relay.post(CREATE).status == 200


@pytest.mark.req("S6")
@pytest.mark.parametrize(
    ("held", "code"),
    [
        ("SELECT FROM rate_buckets JOIN api_keys USING (key_id) {} FOR UPDATE", "key_busy"),
        ("SELECT FROM sessions {} FOR UPDATE", "session_busy"),
    ],
)
def test_a_lock_that_never_comes_is_503(relay: RelayClient, held: str, code: str) -> None:
    relay.post(CREATE)
    driver = relay.driver
    # As a process that has no tokens of the key, and asks its bucket.
    driver.sql("UPDATE api_keys SET burst = 9 WHERE project_id = %(project_id)s")
    driver.sql("UPDATE rate_leases SET tokens = 0, granted = 0")
    driver.database.connection.execute("SET lock_timeout = '50ms'")
    store: Any = driver.twin().store
    other = store._database.connection
    with other.transaction():
        other.execute(held.format("WHERE project_id = %s"), [driver.project_id])
        answer = relay.command("append_conversation", "s", {"content": "x"})
    assert_problem(answer, 503)
    assert answer.body["code"] == code
    assert relay.command("append_conversation", "s", {"content": "x"}).status == 200


@pytest.mark.req("S6")
def test_a_statement_that_takes_too_long_is_503(relay: RelayClient) -> None:
    relay.post(CREATE)
    driver = relay.driver
    driver.database.connection.execute("SET statement_timeout = '50ms'")
    store: Any = driver.twin().store
    other = store._database.connection
    with other.transaction():
        other.execute("SELECT FROM sessions WHERE project_id = %s FOR UPDATE", [driver.project_id])
        answer = relay.command("append_conversation", "s", {"content": "x"})
    assert_problem(answer, 503)
    assert answer.body["code"] == "database_slow"
