"""Whoever opens the run first owns it; nobody else learns or changes anything."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.gateway.asking import ANTHROPIC
from tests.gateway.conftest import StartGateway
from tests.support.llm_gateway import CONTROL_TOKEN, RUN_TOKEN, Served
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T4")

TERMS: dict[str, Any] = {
    "control_token": CONTROL_TOKEN,
    "run_token": RUN_TOKEN,
    "provider": "anthropic",
    "max_cost_usd": 0,
    "lease_s": 60,
}


def ask(gateway: Served) -> int:
    body = ANTHROPIC.body("hi")
    url = f"{gateway.url}/anthropic/v1/messages"
    return gateway.client.post(url, json=body, headers=ANTHROPIC.headers()).status_code


def test_the_providers_with_a_key_are_told(start_gateway: StartGateway) -> None:
    gateway = start_gateway("http://127.0.0.1:9", OPENAI_API_KEY="", GEMINI_API_KEY=" ")
    assert gateway.control("providers") == {"providers": ["anthropic"]}


def test_nothing_is_passed_on_before_the_run_is_open(gateway: Served) -> None:
    assert ask(gateway) == 403


def test_the_first_to_open_owns_the_run(gateway: Served) -> None:
    url = f"{gateway.url}/control/open"
    post = gateway.client.post
    assert post(url, json=TERMS).status_code == 200
    assert post(url, json=TERMS | {"control_token": "y" * 20}).status_code == 409
    assert post(url, json=TERMS | {"run_token": "y" * 20}).status_code == 409
    assert post(url, json=TERMS).status_code == 200, "a lost answer may be asked for again"
    assert ask(gateway) == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"control_token": "short"},
        {"run_token": ""},
        {"run_token": CONTROL_TOKEN},
        {"provider": "nobody"},
        {"lease_s": 0},
        {"lease_s": True},
        {"lease_s": "60"},
        {"max_cost_usd": -1},
        {"max_cost_usd": 1e400},
    ],
)
def test_wrong_terms_open_nothing(gateway: Served, wrong: dict[str, Any]) -> None:
    body = str(TERMS | wrong).replace("'", '"').replace("True", "true").replace("inf", "1e999")
    answer = gateway.client.post(f"{gateway.url}/control/open", content=body)
    assert answer.status_code == 422
    assert CONTROL_TOKEN not in answer.text
    gateway.open()


def test_a_provider_without_a_key_cannot_be_opened(start_gateway: StartGateway) -> None:
    gateway = start_gateway("http://127.0.0.1:9", ANTHROPIC_API_KEY="")
    answer = gateway.client.post(f"{gateway.url}/control/open", json=TERMS)
    assert answer.status_code == 422
    assert "ANTHROPIC_API_KEY" in answer.json()["error"]["message"]


@pytest.mark.parametrize("token", ["", RUN_TOKEN, CONTROL_TOKEN[:-1], "Bearer", "\u00e9" * 16])
@pytest.mark.parametrize(
    ("method", "verb"),
    [("POST", "renew"), ("GET", "usage"), ("POST", "settle"), ("POST", "close")],
)
def test_the_agent_s_token_opens_no_control(
    gateway: Served, token: str, method: str, verb: str
) -> None:
    gateway.open()
    headers = [(b"Authorization", f"Bearer {token}".strip().encode())]
    url = f"{gateway.url}/control/{verb}"
    assert gateway.client.request(method, url, headers=headers, content=b"{}").status_code == 401
    assert ask(gateway) == 200


def test_an_expired_lease_refuses_and_a_renewed_one_serves_again(gateway: Served) -> None:
    gateway.open(lease_s=0.001)
    eventually(lambda: is_refused(gateway))  # the first may still come in time, and be cut
    answer = gateway.client.post(
        f"{gateway.url}/anthropic/v1/messages",
        json=ANTHROPIC.body("hi"),
        headers=ANTHROPIC.headers(),
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "lease_expired")
    assert gateway.usage()["last_error"]["error_class"] == "lost"
    gateway.control("renew", {"lease_s": 600})
    assert ask(gateway) == 200


def is_refused(gateway: Served) -> bool:
    try:
        return ask(gateway) == 403
    except httpx.RemoteProtocolError:
        return False


def test_a_closed_run_stays_closed(gateway: Served) -> None:
    gateway.open()
    assert ask(gateway) == 200
    assert gateway.control("close", {})["requests"] == 1
    gateway.control("renew", {"lease_s": 600})
    assert ask(gateway) == 403
    assert gateway.usage()["requests"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "open"), ("POST", "usage"), ("GET", "nothing"), ("GET", "usage?x=1"), ("GET", "")],
)
def test_other_control_paths_do_not_exist(gateway: Served, method: str, path: str) -> None:
    gateway.open()
    assert gateway.client.request(method, f"{gateway.url}/control/{path}").status_code == 404


def test_a_large_body_is_refused(gateway: Served) -> None:
    answer = gateway.client.post(f"{gateway.url}/control/open", content=b"x" * 200_000)
    assert answer.status_code == 413
