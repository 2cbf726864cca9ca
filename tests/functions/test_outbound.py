"""The function outbound as Lambda calls it: no way inside, and no word of what it carries."""

from __future__ import annotations

import importlib
import json
import socket
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from aiwebhook.ports.exchange import callback_event, document_event
from tests.notifier.sending import any_callback
from tests.notifier.test_ssrf import Dialled, dialled
from tests.support.hostile_addresses import HOSTILE_URLS
from tests.support.loopback import Service, answer, answering, body_of, headers_of, service

__all__ = ["dialled"]
pytestmark = pytest.mark.req("N3")
Handler = Callable[[dict[str, Any]], dict[str, Any]]
INSIDE = ["https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://localhost/"]


def loaded(monkeypatch: pytest.MonkeyPatch, *, loopback: bool) -> Handler:
    """The handler, imported afresh, with nothing of AWS or a database in its environment."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "DATABASE_LOGIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALLOW_LOOPBACK_CALLBACKS", str(loopback).lower())
    sys.modules.pop("outbound.handler", None)
    module = importlib.import_module("outbound.handler")
    context = SimpleNamespace(aws_request_id="request")
    return lambda event: module.lambda_handler(json.loads(json.dumps(event)), context)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Handler:
    """As it is deployed."""
    return loaded(monkeypatch, loopback=False)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Handler:
    """As it is in the local stack."""
    return loaded(monkeypatch, loopback=True)


@pytest.mark.parametrize("url", [*INSIDE, *HOSTILE_URLS])
def test_nobody_inside_is_dialled(outside: Handler, dialled: Dialled, url: str) -> None:
    refused = outside(callback_event(any_callback(url), within_s=1))
    assert refused["fault"] == "refused"
    assert outside(document_event(url, limit=100)).keys() == {"reason"}
    assert dialled.addresses == []


@pytest.mark.parametrize("loopback", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_runtime_api_is_never_dialled(
    monkeypatch: pytest.MonkeyPatch, dialled: Dialled, loopback: bool, host: str
) -> None:
    function = loaded(monkeypatch, loopback=loopback)
    url = f"http://{host}:9001/2018-06-01/runtime/invocation/next"
    assert function(callback_event(any_callback(url), within_s=1))["fault"] == "refused"
    assert dialled.addresses == []


def test_one_exchange_is_made_and_nothing_it_carries_is_logged(
    local: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    with service(answering(answer(202, "said-canary"))) as receiver:
        callback = any_callback(f"{receiver.url}/path-canary?q=query-canary", b"body-canary")
        outcome = local(callback_event(callback, within_s=5))
    assert outcome == {"status": 202, "retry_after": None, "snippet": "said-canary"}
    [request] = receiver.requests
    assert body_of(request) == b"body-canary"
    assert headers_of(request)["webhook-id"] == "dlv_1"
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "exchange ended" in logged
    for canary in ("said-canary", "path-canary", "query-canary", "body-canary", "dlv_1"):
        assert canary not in logged


def test_a_document_is_read(local: Handler) -> None:
    with service(answering(answer(200, "{}"))) as server:
        assert local(document_event(server.url, limit=100)) == {"body": "e30="}


def test_a_silent_receiver_is_left_when_its_time_is_over(local: Handler) -> None:
    def silent(it: Service, _connection: socket.socket) -> None:
        it.pause(30)

    with service(silent) as receiver:
        outcome = local(callback_event(any_callback(receiver.url), within_s=0.2))
    assert outcome["fault"] == "timeout"


@pytest.mark.parametrize("event", [{}, {"kind": "shell"}, {"kind": "callback"}])
def test_what_asks_for_no_exchange_fails(local: Handler, event: dict[str, Any]) -> None:
    with pytest.raises((LookupError, ValueError)):
        local(event)


def test_a_fault_of_ours_is_an_outcome_and_not_free(
    local: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that fails is charged to nobody, and so would come again for ever."""

    def broken(*_given: object, **_named: object) -> object:
        raise RuntimeError("a bug")

    monkeypatch.setattr("aiwebhook.outbound.callback_sender.parse_target", broken)
    outcome = local(callback_event(any_callback("https://hooks.example.com/"), within_s=1))
    assert outcome == {"fault": "protocol", "detail": "unexpected RuntimeError"}
