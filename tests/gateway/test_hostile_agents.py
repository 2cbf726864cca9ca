"""An agent that means harm gets no key, no other host, no other path and no other account."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from aiwebhook.domain.provider import KEY_OF
from tests.gateway.asking import ANTHROPIC, DIALECTS, GEMINI, Dialect, posting
from tests.gateway.conftest import StartGateway
from tests.support.llm_gateway import CONTROL_TOKEN, KEYS, RUN_TOKEN, Served

pytestmark = pytest.mark.req("T4")


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def raw(gateway: Served, request: bytes) -> bytes:
    """The answer to exactly these bytes."""
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_only_the_real_key_reaches_the_provider(
    gateway: Served, scripted: Served, dialect: Dialect
) -> None:
    gateway.open(dialect.provider)
    theirs = {
        "authorization": f"Bearer {RUN_TOKEN}",
        "x-api-key": "sk-stolen",
        "x-goog-api-key": "stolen",
        "cookie": "session=1",
        "openai-organization": "org-other",
        "x-goog-user-project": "other",
        "x-goog-fieldmask": "candidates",
        "x-http-method-override": "DELETE",
        "x-forwarded-host": "evil.example",
        "connection": "x-app, keep-alive",
        "x-app": "cli",
        "anthropic-beta": "kept",
    }
    url = f"{gateway.url}/{dialect.provider}{dialect.path}"
    url += ("&" if "?" in url else "?") + f"key={RUN_TOKEN}&fields=candidates&access_token=x"
    answer = gateway.client.post(url, json=dialect.body("hi"), headers=theirs)
    assert answer.status_code == 200
    seen = scripted.seen()[-1]
    assert seen["auth"] == [fingerprint(KEYS[KEY_OF[dialect.provider]])]
    assert set(seen["query"]) <= {"alt", "beta"}
    assert seen["host"] == scripted.url.removeprefix("http://"), "not the host of the agent"
    replaced = {"authorization", "x-api-key", "x-goog-api-key"}
    assert set(seen["headers"]) & (theirs.keys() - replaced) == {"anthropic-beta"}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize("token", ["", "wrong", RUN_TOKEN[:-1], RUN_TOKEN + "x", CONTROL_TOKEN])
def test_a_wrong_token_is_refused_in_the_provider_s_shape(
    gateway: Served, scripted: Served, dialect: Dialect, token: str
) -> None:
    gateway.open(dialect.provider)
    before = len(scripted.seen())
    url = f"{gateway.url}/{dialect.provider}{dialect.path}"
    answer = gateway.client.post(url, json=dialect.body("hi"), headers=dialect.headers(token))
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]
    assert len(scripted.seen()) == before


@pytest.mark.parametrize(
    "target",
    [
        "/anthropic/../control/usage",
        "/anthropic/v1/../../control/usage",
        "/anthropic/%2e%2e/control/usage",
        "/anthropic/v1/messages/../models",
        "/anthropic//v1/messages",
        "/anthropic/v1/messages/",
        "/anthropic/v1/messages%3Fbeta=true",
        "/anthropic/v1/messages;x",
        "/anthropic/v1/messages/batches",
        "/anthropic/v1/files",
        "/anthropic/v1/organizations/api_keys",
        "/anthropic/v1/complete",
        "/anthropic@evil.example/v1/messages",
        "/openai/v1/responses",
        "/google/v1beta/models/m:generateContent",
        "/anthropic",
        "/",
        "//evil.example/v1/messages",
        "http://evil.example/v1/messages",
        "http://evil.example/anthropic/v1/messages",
        "https://api.anthropic.com/anthropic/v1/messages",
        "/ANTHROPIC/v1/messages",
    ],
)
def test_only_known_paths_are_passed_on(gateway: Served, scripted: Served, target: str) -> None:
    gateway.open()
    before = len(scripted.seen())
    answer = raw(gateway, posting(target))
    assert status_of(answer) in (400, 404)
    assert KEYS["ANTHROPIC_API_KEY"].encode() not in answer
    assert len(scripted.seen()) == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_not_passed_on(gateway: Served, scripted: Served, method: str) -> None:
    gateway.open()
    before = len(scripted.seen())
    request = posting("/anthropic/v1/messages").replace(b"POST", method.encode(), 1)
    assert status_of(raw(gateway, request)) in (400, 404, 405)
    assert len(scripted.seen()) == before


def test_connect_is_refused(gateway: Served) -> None:
    gateway.open()
    request = "CONNECT api.anthropic.com:443 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert status_of(raw(gateway, request.encode())) in (400, 401, 404, 405)


@pytest.mark.parametrize(
    "headers",
    [
        ("transfer-encoding: chunked",),
        ("transfer-encoding: chunked", "transfer-encoding: identity"),
        ("content-length: 5",),
        ("x-bad\r: y",),
        ("x bad: y",),
        (": nothing",),
        ("transfer-encoding : chunked",),
    ],
)
def test_smuggled_requests_are_not_passed_on(
    gateway: Served, scripted: Served, headers: tuple[str, ...]
) -> None:
    gateway.open()
    before = len(scripted.seen())
    hidden = posting("/anthropic/v1/models", body=b"{}").replace(b"POST", b"GET", 1)
    answer = raw(gateway, posting("/anthropic/v1/messages", *headers, body=b"0\r\n\r\n" + hidden))
    assert status_of(answer) == 400
    assert len(scripted.seen()) == before


@pytest.mark.parametrize("target", [GEMINI.path.partition("?")[0], GEMINI.path + "x"])
def test_an_answer_that_could_not_be_metered_is_not_asked_for(
    gateway: Served, scripted: Served, target: str
) -> None:
    gateway.open("google")
    before = len(scripted.seen())
    assert status_of(raw(gateway, posting(f"/google{target}"))) == 404
    request = posting(f"/google{GEMINI.path}").replace(
        b"application/json", b"application/x-protobuf"
    )
    assert status_of(raw(gateway, request)) == 400
    assert len(scripted.seen()) == before


@contextmanager
def upstream(status: int, headers: dict[str, str], body: bytes) -> Generator[tuple[str, list[Any]]]:
    """A provider that answers every request so."""
    got: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.path)
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  reason: the base class calls it so
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", got
        finally:
            server.shutdown()
            thread.join()


def ask(gateway: Served) -> httpx.Response:
    gateway.open()
    url = f"{gateway.url}/anthropic/v1/messages"
    return gateway.client.post(url, json=ANTHROPIC.body("hi"), headers=ANTHROPIC.headers())


def test_a_redirect_is_not_followed_and_not_told(start_gateway: StartGateway) -> None:
    with upstream(307, {"location": "http://127.0.0.1:9/elsewhere"}, b"") as (origin, got):
        answer = ask(start_gateway(origin))
    assert answer.status_code == 502
    assert "location" not in answer.headers
    assert got == ["/v1/messages"]


def test_a_provider_that_quotes_the_key_does_not_tell_it(start_gateway: StartGateway) -> None:
    key = KEYS["ANTHROPIC_API_KEY"]
    body = f'{{"type":"error","error":{{"type":"authentication_error","message":"bad {key}"}}}}'
    headers = {"openai-organization": "org-1", "set-cookie": "a=b", "request-id": "req_1"}
    with upstream(401, headers, body.encode()) as (origin, _):
        gateway = start_gateway(origin)
        answer = ask(gateway)
        assert answer.json()["error"]["message"] == "bad [key]"
        assert key not in str(gateway.usage())
    assert not {"openai-organization", "set-cookie"} & set(answer.headers)
    assert answer.headers["request-id"] == "req_1"


def test_any_number_of_invented_models_fills_nothing(gateway: Served, scripted: Served) -> None:
    gateway.open()
    url = f"{gateway.url}/anthropic/v1/messages"
    for number in range(40):
        body = ANTHROPIC.body("[[scenario:e404]]") | {"model": f"model-{number}"}
        gateway.client.post(url, json=body, headers=ANTHROPIC.headers())
    usage = gateway.usage()
    assert usage["requests"] == 40
    assert len(usage["models"]) <= 33
