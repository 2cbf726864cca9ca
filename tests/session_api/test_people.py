"""People and connections as an administrator manages them."""

from __future__ import annotations

import pytest

from aiwebhook.domain.identity import Scope
from aiwebhook.postgres.queue_store import PostgresQueueStore
from tests.support.commands import open_database
from tests.support.oauth import Connecting
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("O7")


def test_a_person_is_added_listed_and_given_a_new_code(driver: ApiDriver) -> None:
    made = driver.post("/v1/people", {"name": "Ana"}).body
    connecting = Connecting(driver=driver)
    connecting.code = made["sign_in_code"]
    tokens = connecting.connected()

    new = driver.post(f"/v1/people/{made['person_id']}/reset").body["sign_in_code"]
    assert connecting.decide(connecting.ask()).reply.status == 403, "the old code has ended"
    assert connecting.refresh(tokens["refresh_token"]).status == 200, "connections go on"
    connecting.code = new
    assert connecting.connected()

    listed = driver.get("/v1/people").body["items"]
    assert [each["name"] for each in listed if each["name"] == "Ana"] == ["Ana"]
    assert "code_hash" not in str(listed)
    assert new not in str(listed)


def test_a_name_is_one_persons_in_a_project_and_may_be_anothers_elsewhere(
    driver: ApiDriver,
) -> None:
    assert driver.post("/v1/people", {"name": "Ana"}).status == 200
    told = driver.post("/v1/people", {"name": "Ana"})
    assert (told.status, told.body["code"]) == (409, "person_exists")
    other = driver.other_project()
    assert other.post("/v1/people", {"name": "Ana"}).status == 200
    assert len(other.get("/v1/people").body["items"]) == 1


def test_people_and_connections_of_another_project_do_not_exist(driver: ApiDriver) -> None:
    connecting = Connecting(driver=driver)
    tokens = connecting.connected()
    (connection,) = driver.get("/v1/connections").body["items"]
    other = driver.other_project()
    assert other.get("/v1/connections").body["items"] == []
    told = other.call("DELETE", f"/v1/connections/{connection['connection_id']}")
    assert (told.status, told.body["code"]) == (404, "connection_not_found")
    told = other.post(f"/v1/people/{connecting.person_id}/reset")
    assert (told.status, told.body["code"]) == (404, "person_not_found")
    assert connecting.refresh(tokens["refresh_token"]).status == 200


def test_a_revoked_connection_ends_with_the_next_request(driver: ApiDriver) -> None:
    connecting = Connecting(driver=driver)
    tokens = connecting.connected()
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert driver.post("/mcp", ping, token=tokens["access_token"]).status == 200
    (connection,) = driver.get("/v1/connections").body["items"]
    assert connection["last_used_at"]
    assert (connection["client_name"], connection["client_host"]) == ("Chat", "chat.example.org")

    ended = driver.call("DELETE", f"/v1/connections/{connection['connection_id']}").body
    assert (ended["revoked_reason"], bool(ended["revoked_at"])) == ("revoked", True)
    told = driver.post("/mcp", ping, token=tokens["access_token"])
    assert (told.status, told.body["code"]) == (401, "token_expired")
    assert connecting.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"


@pytest.mark.parametrize("scope", [Scope.COMMANDS, Scope.READ, Scope.WORKER])
def test_only_an_administrator_manages_them(driver: ApiDriver, scope: Scope) -> None:
    key = driver.make_key(scope)
    assert driver.post("/v1/people", {"name": "Eve"}, token=key).status == 403
    assert driver.get("/v1/connections", token=key).status == 403


def test_the_reaper_forgets_what_nobody_can_use(driver: ApiDriver) -> None:
    connecting = Connecting(driver=driver)
    tokens = connecting.connected()
    connecting.authorized()  # whose code nobody will fetch a token for
    database = open_database(driver.dsn)
    driver.outside.databases.append(database)
    reaper = PostgresQueueStore(database)
    reaper.prune(limit=100)
    assert connecting.refresh(tokens["refresh_token"]).status == 200, "what can be used stays"

    driver.sql("UPDATE connections SET code_expires_at = now() - interval '2 hours'")
    driver.sql("UPDATE refresh_tokens SET expires_at = now()")
    driver.sql("UPDATE access_tokens SET expires_at = now()")
    driver.sql("UPDATE door_limits SET refilled_at = now() - interval '2 days'")
    reaper.prune(limit=100)
    left = driver.sql(
        "SELECT (SELECT count(*) FROM connections) + (SELECT count(*) FROM refresh_tokens)"
        " + (SELECT count(*) FROM access_tokens) + (SELECT count(*) FROM door_limits)"
        " + (SELECT count(*) FROM rate_buckets WHERE key_id LIKE 'con_%')"
    )
    assert left == [(0,)]
