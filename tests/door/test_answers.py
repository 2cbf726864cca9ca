"""What the door answers beside commands: who looks in, batches, shapes of earlier clients."""

from __future__ import annotations

import pytest

from aiwebhook.cors import with_cors
from tests.relay.conftest import RelayClient
from tests.support.apigateway import proxy_event


@pytest.mark.req("W2")
@pytest.mark.parametrize("path", ["/webhook", "/v1/commands"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_a_browser_learns_what_to_send(relay: RelayClient, method: str, path: str) -> None:
    answer = relay.send(proxy_event(None, method=method, path=path))

    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"
    if method == "HEAD":
        assert answer.body == {}
    else:
        assert answer.body["example"]["command"] == "create_session"
        assert "Authorization" in answer.body["remedy"]


@pytest.mark.req("S5")
@pytest.mark.parametrize(
    ("commands", "status"),
    [
        (["list_sessions", "list_tasks"], "success"),
        (["list_sessions", "make_coffee"], "partial"),
        (["make_coffee"], "failed"),
    ],
)
def test_a_batch_says_how_much_of_it_succeeded(
    relay: RelayClient, commands: list[str], status: str
) -> None:
    data = {"commands": [{"command": command} for command in commands]}
    body = {"command": "batch", "data": data, "request_id": "once"}

    for answer in (relay.post(body), relay.post(body)):
        assert (answer.status, answer.body["status"]) == (200, status)


@pytest.mark.req("S3")
def test_a_memory_is_there_flat_and_under_memory(relay: RelayClient) -> None:
    relay.command("create_session", "s", {})
    relay.command("store_memory", "s", {"type": "fact", "content": "x", "key": "k"})

    data = relay.command("retrieve_memory", "s", {"key": "k"}).body["data"]

    assert data["memory"] == {name: value for name, value in data.items() if name != "memory"}
    assert data["memory"]["content"] == "x"


PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}


@pytest.mark.req("W6")
def test_pages_of_other_origins_are_told_nothing_unless_the_stage_names_them(
    relay: RelayClient,
) -> None:
    def answer(origins: list[str], method: str, headers: dict[str, str]) -> dict[str, object]:
        event = proxy_event({"command": "list_sessions"}, method=method, headers=headers)
        told = with_cors(origins, lambda event: relay.handler(event, None))(event)
        return {**told["headers"], "status": told["statusCode"]}

    key = {"Authorization": f"Bearer {relay.driver.key.key}", "Origin": "https://app.example"}
    off = answer([], "POST", key)
    named = answer(["https://app.example"], "POST", key)
    every = answer(["*"], "POST", key)
    other = answer(["https://other.example"], "POST", key)
    preflight = answer(["https://app.example"], "OPTIONS", PREFLIGHT)
    refused = answer(["https://other.example"], "OPTIONS", PREFLIGHT)

    assert not [name for name in off if "Access-Control" in name]
    assert named["Access-Control-Allow-Origin"] == "https://app.example"
    assert every["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in other
    assert (preflight["status"], off["status"], refused["status"]) == (204, 200, 204)
    assert "Authorization" in str(preflight["Access-Control-Allow-Headers"])
    assert "Access-Control-Allow-Origin" not in refused
    assert "Access-Control-Allow-Credentials" not in preflight
