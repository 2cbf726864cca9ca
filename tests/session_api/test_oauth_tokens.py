"""A client finds its way in, and its tokens are good until they are not."""

from __future__ import annotations

import pytest

from aiwebhook.domain.identity import BURST, Scope
from aiwebhook.errors import RateLimited, Unauthorized
from tests.support.oauth import REDIRECT, RESOURCE, VERIFIER, Connecting, caller_of, challenge_of
from tests.support.session_api import PUBLIC_URL, ApiDriver

pytestmark = pytest.mark.req("O7")
JSON = {"Content-Type": "application/json"}


def test_a_client_that_knows_only_the_host_gets_in(
    driver: ApiDriver, connecting: Connecting
) -> None:
    resource = driver.get("/.well-known/oauth-protected-resource", token=None).body
    assert resource["resource"] == RESOURCE
    server = driver.get("/.well-known/oauth-authorization-server", token=None).body
    assert resource["authorization_servers"] == [server["issuer"]]
    assert server["client_id_metadata_document_supported"]

    tokens = connecting.connected()
    assert tokens["token_type"] == "Bearer"
    assert (tokens["scope"], tokens["expires_in"]) == ("commands", 3600)
    caller = caller_of(driver, tokens["access_token"])
    assert caller.project_id == driver.project_id
    assert caller.principal == connecting.person_id
    assert caller.connection.startswith("con_")
    assert caller.may(Scope.COMMANDS)
    assert not caller.may(Scope.ADMIN)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": f"{VERIFIER}1"},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": None},
        {"client_id": "https://evil.example/c.json"},
        {"code": "aiwc_unknown"},
    ],
)
def test_a_code_is_good_for_its_client_verifier_and_address_only(
    connecting: Connecting, changed: dict[str, str | None]
) -> None:
    code = connecting.authorized()
    told = connecting.exchange(**{"code": code, **changed})
    assert (told.status, told.body["error"]) == (400, "invalid_grant")
    assert connecting.exchange(code).status == 200


def test_swapped_verifiers_fit_neither_code(connecting: Connecting) -> None:
    other = "b" * 43
    first, second = (
        connecting.authorized(),
        connecting.authorized(code_challenge=challenge_of(other)),
    )
    assert connecting.exchange(first, code_verifier=other).body["error"] == "invalid_grant"
    assert connecting.exchange(second).body["error"] == "invalid_grant"


def test_a_code_that_comes_twice_ends_the_connection(
    driver: ApiDriver, connecting: Connecting
) -> None:
    code = connecting.authorized()
    tokens = connecting.exchange(code).body
    assert connecting.exchange(code).body["error"] == "invalid_grant"
    with pytest.raises(Unauthorized):
        caller_of(driver, tokens["access_token"])
    assert connecting.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"


def test_a_code_expires(driver: ApiDriver, connecting: Connecting) -> None:
    code = connecting.authorized()
    driver.sql("UPDATE connections SET code_expires_at = now()")
    assert connecting.exchange(code).body["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "aiwr_x"}, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "client_id": None},
            "invalid_request",
        ),
    ],
)
def test_errors_of_the_token_endpoint_are_those_of_rfc_6749(
    connecting: Connecting, fields: dict[str, str | None], error: str
) -> None:
    told = connecting.token(**fields)
    assert (told.status, told.body["error"]) == (400, error)
    assert told.body["error_description"]


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"{}", "application/json"),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"a=b&" * 100, "application/x-www-form-urlencoded"),
        (b"a=" + b"b" * 20_000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_not_a_form_is_refused(driver: ApiDriver, body: bytes, media: str) -> None:
    told = driver.post("/token", body, token=None, headers={"Content-Type": media})
    assert (told.status, told.body["error"]) == (400, "invalid_request")


def test_a_token_is_good_at_the_mcp_url_of_this_deployment_only(
    driver: ApiDriver, connecting: Connecting
) -> None:
    token = connecting.connected()["access_token"]
    for elsewhere in (None, "https://other.example/mcp"):
        with pytest.raises(Unauthorized) as refused:
            caller_of(driver, token, resource=elsewhere)
        assert refused.value.code == "token_for_another_resource"
    assert driver.get("/v1/sessions", token=token).status == 401


def test_tokens_cannot_be_had_for_another_resource(connecting: Connecting) -> None:
    code = connecting.authorized()
    told = connecting.exchange(code, resource="https://other.example/mcp")
    assert told.body["error"] == "invalid_target"
    tokens = connecting.exchange(code, resource=None).body
    told = connecting.refresh(tokens["refresh_token"], resource="https://other.example/mcp")
    assert told.body["error"] == "invalid_target"


def test_an_access_token_expires(driver: ApiDriver, connecting: Connecting) -> None:
    token = connecting.connected()["access_token"]
    driver.sql("UPDATE access_tokens SET expires_at = now()")
    with pytest.raises(Unauthorized) as refused:
        caller_of(driver, token)
    assert refused.value.code == "token_expired"


def test_a_connection_has_a_rate_as_a_key_has(driver: ApiDriver, connecting: Connecting) -> None:
    token = connecting.connected()["access_token"]
    assert caller_of(driver, token).connection
    ((left,),) = driver.sql(
        "SELECT b.tokens + l.tokens FROM rate_buckets AS b JOIN rate_leases AS l USING (key_id)"
        " WHERE key_id LIKE 'con_%' ORDER BY l.used_at DESC LIMIT 1"
    )
    assert left == BURST - 1, "in the bucket, and taken along"
    driver.sql("DELETE FROM rate_leases")
    driver.sql("UPDATE rate_buckets SET tokens = 0, refilled_at = now() + interval '1 hour'")
    with pytest.raises(RateLimited):
        caller_of(driver, token)


def test_who_calls_is_found_in_one_statement(driver: ApiDriver, connecting: Connecting) -> None:
    token = connecting.connected()["access_token"]
    with driver.counting() as statements:
        caller_of(driver, token)
    assert statements == ["check_key"]


def test_a_refresh_token_just_used_still_yields_a_successor(connecting: Connecting) -> None:
    first = connecting.connected()["refresh_token"]
    one, two = connecting.refresh(first).body, connecting.refresh(first).body
    assert one["refresh_token"] != two["refresh_token"]
    for after in (one, two):
        assert connecting.refresh(after["refresh_token"]).status == 200


def test_a_refresh_token_used_later_ends_the_connection(
    driver: ApiDriver, connecting: Connecting
) -> None:
    first = connecting.connected()["refresh_token"]
    second = connecting.refresh(first).body
    driver.sql("UPDATE refresh_tokens SET used_at = used_at - interval '121 seconds'")
    assert connecting.refresh(first).body["error"] == "invalid_grant"
    assert connecting.refresh(second["refresh_token"]).body["error"] == "invalid_grant"
    with pytest.raises(Unauthorized):
        caller_of(driver, second["access_token"])
    (row,) = [
        each
        for each in driver.get("/v1/connections").body["items"]
        if each["person_id"] == connecting.person_id
    ]
    assert row["revoked_reason"] == "refresh_reused"


def test_a_refresh_token_lasts_ninety_days_and_slides(
    driver: ApiDriver, connecting: Connecting
) -> None:
    first = connecting.connected()["refresh_token"]
    second = connecting.refresh(first).body["refresh_token"]
    days = driver.sql(
        "SELECT extract(epoch FROM max(expires_at) - now()) / 86400 FROM refresh_tokens"
    )[0][0]
    assert 89.9 < days <= 90
    driver.sql("UPDATE refresh_tokens SET expires_at = now()")
    assert connecting.refresh(second).body["error"] == "invalid_grant"


def test_a_refresh_token_of_another_client_is_refused(connecting: Connecting) -> None:
    token = connecting.connected()["refresh_token"]
    told = connecting.refresh(token, client_id="https://evil.example/c.json")
    assert told.body["error"] == "invalid_grant"
    assert connecting.refresh(token).status == 200


def test_a_client_that_loops_gets_no_more_than_twenty_successors(connecting: Connecting) -> None:
    token = connecting.connected()["refresh_token"]
    statuses = [connecting.refresh(token).status for _ in range(21)]
    assert statuses == [200] * 20 + [400]


def test_mcp_says_where_to_get_in(driver: ApiDriver, connecting: Connecting) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    where = f'resource_metadata="{PUBLIC_URL}/.well-known/oauth-protected-resource/mcp"'

    nobody = driver.post("/mcp", ping, token=None)
    assert nobody.status == 401
    assert nobody.headers["WWW-Authenticate"] == f'Bearer {where}, scope="commands"'

    stranger = driver.post("/mcp", ping, token="aiwt_unknown")
    assert stranger.status == 401
    assert stranger.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token", ')
    assert where in stranger.headers["WWW-Authenticate"]

    worker = driver.post("/mcp", ping, token=driver.make_key(Scope.WORKER))
    assert worker.status == 403
    assert 'error="insufficient_scope"' in worker.headers["WWW-Authenticate"]

    token = connecting.connected()["access_token"]
    assert driver.post("/mcp", ping, token=token).body["result"] == {}
    assert driver.post("/mcp", ping).status == 200, "API keys go on working"


def test_no_host_header_leads_a_client_astray(driver: ApiDriver) -> None:
    lies = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for path in (
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server",
    ):
        answer = driver.call("GET", path, token=None, headers=lies)
        assert PUBLIC_URL in answer.text
        assert "evil.example" not in answer.text
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    refused = driver.call("POST", "/mcp", ping, token=None, headers=lies)
    assert PUBLIC_URL in refused.headers["WWW-Authenticate"]
    assert "evil.example" not in refused.headers["WWW-Authenticate"]
