"""Who may ask to be let in, and where answers may go."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.http_front import rest_event
from tests.support.oauth import CLIENT_URL, REDIRECT, Connecting, caller_of, document
from tests.support.session_api import PUBLIC_URL, ApiDriver

pytestmark = pytest.mark.req("O7")
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "redirect_uri",
    [
        f"{REDIRECT}/more",
        f"{REDIRECT}?next=https://evil.example",
        f"{REDIRECT}.evil.example",
        "https://chat.example.org.evil.example/connector/callback",
        "https://chat.example.org@evil.example/connector/callback",
        "https://chat.example.org/connector/../callback",
        "http://chat.example.org/connector/callback",
        REDIRECT.upper(),
        "javascript://chat.example.org/%0aalert(1)",
        "",
    ],
)
def test_no_other_address_than_the_registered_one_is_answered(
    connecting: Connecting, redirect_uri: str
) -> None:
    page = connecting.ask(redirect_uri=redirect_uri)
    assert page.reply.status == 400
    assert page.fields == {}
    assert page.sent_to == ""
    assert "Location" not in page.reply.headers


def test_a_program_on_this_machine_may_take_any_port(connecting: Connecting) -> None:
    registered = connecting.driver.post(
        "/register",
        {"client_name": "Tool", "redirect_uris": ["http://127.0.0.1/callback"]},
        token=None,
    )
    assert registered.status == 201
    assert registered.body["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in registered.body
    connecting.client_id = registered.body["client_id"]
    connecting.redirect_uri = "http://127.0.0.1:49152/callback"
    assert connecting.connected()["scope"] == "commands"
    for elsewhere in ("http://127.0.0.1:49152/callback/x", "http://localhost:49152/callback"):
        assert connecting.ask(redirect_uri=elsewhere).reply.status == 400


@pytest.mark.parametrize(
    "uris",
    [
        [],
        "https://a.example/cb",
        ["http://a.example/cb"],
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["https://a.example/cb#fragment"],
        ["https://user@a.example/cb"],
        ["https://a.example/\r\nX: y"],
        [7],
        ["https://a.example/cb"] * 21,
    ],
)
def test_what_a_browser_would_run_cannot_be_registered(driver: ApiDriver, uris: Any) -> None:
    told = driver.post("/register", {"redirect_uris": uris}, token=None)
    assert told.status == 400
    assert told.body["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff"])
def test_a_registration_that_is_no_json_is_refused_as_one(driver: ApiDriver, body: bytes) -> None:
    told = driver.post("/register", body, token=None)
    assert (told.status, told.body["error"]) == (400, "invalid_client_metadata")


def test_registrations_are_limited(connecting: Connecting) -> None:
    body = b'{"redirect_uris": ["https://a.example/cb"]}'
    events = [
        rest_event("POST", "/register", headers=JSON, body=body, address="192.0.2.77")
        for _ in range(21)
    ]
    statuses = [connecting.driver.answer(event)["statusCode"] for event in events]
    assert statuses == [201] * 20 + [429]


@pytest.mark.parametrize(
    ("client_id", "text"),
    [
        ("https://chat.example.org/other.json", document()),  # it speaks of another id
        (f"{CLIENT_URL}?x", document(f"{CLIENT_URL}?y")),
        ("https://chat.example.org/no.json", b"not json"),
        ("https://chat.example.org/list.json", b"[]"),
        ("https://chat.example.org/deep.json", b"[" * 60_000),
        ("https://chat.example.org/huge.json", b" " * 10_000_000),
        ("https://chat.example.org", document("https://chat.example.org")),
        ("http://chat.example.org/c.json", document("http://chat.example.org/c.json")),
        ("https://a@chat.example.org/c.json", document("https://a@chat.example.org/c.json")),
        ("https://chat.example.org/a/../c", document("https://chat.example.org/a/../c")),
        (
            "https://chat.example.org/secret.json",
            document(
                "https://chat.example.org/secret.json",
                token_endpoint_auth_method="client_secret_basic",
            ),
        ),
        ("cli_unknown", b""),
        ("", b""),
    ],
)
def test_a_client_whose_document_does_not_fit_is_refused(
    connecting: Connecting, client_id: str, text: bytes
) -> None:
    connecting.driver.outside.documents[client_id] = text
    page = connecting.ask(client_id=client_id)
    assert page.reply.status == 400
    assert page.fields == {}


def test_documents_are_not_fetched_without_end(connecting: Connecting) -> None:
    statuses = [connecting.ask().reply.status for _ in range(21)]
    assert statuses == [200] * 20 + [429]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": f"{PUBLIC_URL}.evil.example/mcp"}, "invalid_target"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "openid profile"}, "invalid_scope"),
    ],
)
def test_a_wrong_request_is_shown_and_sends_nobody_anywhere_by_itself(
    connecting: Connecting, changed: dict[str, str | None], error: str
) -> None:
    page = connecting.ask(**changed)
    assert page.reply.status == 400
    assert page.sent_to == ""
    assert f"error={error}" in page.reply.text  # behind the button


def test_no_more_than_commands_is_ever_given(driver: ApiDriver, connecting: Connecting) -> None:
    asked = {"scope": "admin commands worker read"}
    assert connecting.connected(**asked)["scope"] == "commands read"
    reading = connecting.connected(scope="read")
    assert reading["scope"] == "read"
    caller = caller_of(driver, reading["access_token"])
    assert not caller.may(Scope.COMMANDS)
