"""The receiver zoo: whatever a receiver does, we come back in time, with the right word for it."""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Callable

import pytest

from aiwebhook.domain.delivery import Answered, SendFailure, SendOutcome
from aiwebhook.outbound.callback_sender import SendLimits
from aiwebhook.ports.deliveries import Callback
from tests.notifier.sending import PATIENT, SHORT, any_callback, any_sender, fault_of, sent
from tests.support.loopback import (
    Service,
    answer,
    answering,
    body_of,
    headers_of,
    read_request,
    service,
)

pytestmark = pytest.mark.usefixtures("each_way")

Serve = Callable[[Service, socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\n"


def send_to(serve: Serve, *, limits: SendLimits = PATIENT, body: bytes = b"{}") -> SendOutcome:
    with service(serve) as receiver:
        sender = any_sender(allow_loopback=True, limits=limits)
        return sent(sender, any_callback(receiver.url + "/hook", body))


@pytest.mark.req("N3")
def test_the_request_is_what_standard_webhooks_say() -> None:
    with service(answering(answer(204))) as receiver:
        sender = any_sender(allow_loopback=True, limits=PATIENT)
        body = b'{"type":"task.completed"}'
        outcome = sent(sender, any_callback(f"{receiver.url}/hook?a=b%20c", body))
    assert outcome == Answered(status=204)
    [request] = receiver.requests
    headers = headers_of(request)
    assert request.startswith(b"POST /hook?a=b%20c HTTP/1.1\r\n")
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert headers["webhook-id"] == "dlv_1"
    assert headers["content-type"] == "application/json"
    assert headers["accept-encoding"] == "identity"
    assert body_of(request) == body


@pytest.mark.req("N3")
@pytest.mark.parametrize("status", [200, 202, 299, 400, 401, 404, 410, 415, 500, 503])
def test_the_status_is_the_answer(status: int) -> None:
    assert send_to(answering(answer(status, "said"))) == Answered(status=status, snippet="said")


@pytest.mark.req("N3")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int) -> None:
    with service(answering(answer(200))) as inside:
        outcome = send_to(answering(answer(status, "", f"Location: {inside.url}/latest/meta-data")))
    assert outcome == Answered(status=status)
    assert inside.connections == 0


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "value", ["7", "Sun, 22 Nov 2026 10:31:00 GMT", "-1", "soon", "1000000000"]
)
def test_retry_after_comes_along_as_it_stands(value: str) -> None:
    outcome = send_to(answering(answer(429, "", f"Retry-After: {value}")))
    assert outcome == Answered(status=429, retry_after=value)


def silent(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    it.over.wait(30)


def slow_headers(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD)
    while not it.pause():
        connection.sendall(b"X")


def endless_interim(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    while not it.pause(0.001):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.req("N3")
@pytest.mark.parametrize("serve", [silent, slow_headers, endless_interim])
def test_who_does_not_finish_its_headers_in_time_has_not_answered(serve: Serve) -> None:
    assert fault_of(send_to(serve, limits=SHORT)) is SendFailure.TIMEOUT


def endless_headers(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD)
    while not it.over.is_set():
        connection.sendall(b"X-Filler: " + b"x" * 4000 + b"\r\n")


def invalid_header_bytes(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"X-\x00Bad\xff: \x01\r\n\r\n")


def not_http(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"220 mail.example ESMTP\r\n")


def closes_at_once(it: Service, connection: socket.socket) -> None:
    read_request(connection)


def lies_about_length(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Content-Length: banana\r\n\r\n")


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "serve", [endless_headers, invalid_header_bytes, not_http, closes_at_once, lies_about_length]
)
def test_what_is_no_http_is_a_protocol_fault(serve: Serve) -> None:
    assert fault_of(send_to(serve)) is SendFailure.PROTOCOL


def resets(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def resets_in_the_body(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\npart")
    resets(it, connection)


@pytest.mark.req("N3")
def test_a_reset_instead_of_an_answer_is_a_connection_fault() -> None:
    assert fault_of(send_to(resets)) is SendFailure.CONNECT


def drips_its_body(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
    while not it.pause():
        connection.sendall(b"x")


def endless_body(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not it.over.is_set():
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def bad_chunk(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nbanana\r\n")


def bomb(it: Service, connection: socket.socket) -> None:
    packed = gzip.compress(b"\x00" * 20_000_000)
    read_request(connection)
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\n")
    connection.sendall(f"Content-Length: {len(packed)}\r\n\r\n".encode() + packed)


def answers_before_it_reads(it: Service, connection: socket.socket) -> None:
    connection.sendall(answer(200))


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    "serve",
    [
        resets_in_the_body,
        drips_its_body,
        endless_body,
        bad_chunk,
        bomb,
        answers_before_it_reads,
    ],
)
def test_once_the_status_is_known_the_body_changes_nothing(serve: Serve) -> None:
    """A 200 means that the receiver has it: sending it again would be a duplicate."""
    outcome = send_to(serve, limits=SendLimits(connect_s=5, total_s=10, body_s=0.1), body=b"{}")
    assert isinstance(outcome, Answered)
    assert outcome.status == 200
    assert len(outcome.snippet) <= 4096


@pytest.mark.req("N3")
def test_nothing_is_decompressed() -> None:
    outcome = send_to(bomb)
    assert outcome == Answered(status=200, snippet="")


@pytest.mark.req("N3")
def test_at_most_64_kib_of_a_response_are_read() -> None:
    taken: list[int] = []

    def serve(it: Service, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        read_request(connection)
        connection.sendall(HEAD + b"Content-Length: 100000000\r\n\r\n")
        taken.extend(connection.send(b"x" * 4096) for _ in range(20_000))

    send_to(serve)
    # The kernel buffers of a loopback connection may hold some megabytes on top.
    assert sum(taken) < 20_000_000


@pytest.mark.req("N3")
def test_a_port_where_nobody_listens_is_a_connection_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    sender = any_sender(allow_loopback=True, limits=SHORT)
    assert fault_of(sent(sender, any_callback(f"http://127.0.0.1:{port}/"))) is SendFailure.CONNECT


@pytest.mark.req("N3")
def test_a_header_we_could_not_send_is_our_own_fault() -> None:
    with service(answering(answer(200))) as receiver:
        callback = Callback(url=receiver.url, headers={"webhook-id": "a\r\nX: y"}, body=b"")
        outcome = sent(any_sender(allow_loopback=True, limits=SHORT), callback)
    assert fault_of(outcome) is SendFailure.BODY
    assert receiver.requests == []


@pytest.mark.req("N3")
def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with service(answering(answer(200))) as proxy, service(answering(answer(204))) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        outcome = sent(any_sender(allow_loopback=True, limits=PATIENT), any_callback(receiver.url))
    assert outcome == Answered(status=204)
    assert proxy.connections == 0
