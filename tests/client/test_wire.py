"""The HTTP below the client: connections that are kept, refused, broken, or led through a proxy."""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aiwebhook.client.wire import ClientRequest, HttpReply, NotReached, Unanswered, Wire
from tests.support.loopback import Service, answer, answering, headers_of, read_request, service
from tests.support.tls import certificate

pytestmark = pytest.mark.req("S8")


def get(wire: Wire, target: str = "/") -> HttpReply:
    return wire.exchange(ClientRequest(method="GET", target=target, timeout_s=5))


def answering_each(*replies: bytes) -> Callable[[Service, socket.socket], None]:
    """On every connection one reply after the other, as long as there are any."""

    def serve(it: Service, connection: socket.socket) -> None:
        for reply in replies:
            request = read_request(connection)
            if not request:
                return
            it.requests.append(request)
            connection.sendall(reply)

    return serve


def test_a_connection_is_used_again_until_the_server_closes_it() -> None:
    with service(answering_each(answer(200, "a"), answer(404, "b"))) as it:
        wire = Wire(f"{it.url}/stage/")
        told = [get(wire, f"/{number}") for number in range(2)]
        assert it.closed.acquire(timeout=10)
        told.append(get(wire, "/2"))
        wire.close()

    assert [(reply.status, reply.content) for reply in told] == [
        (200, b"a"),
        (404, b"b"),
        (200, b"a"),
    ]
    assert it.connections == 2
    assert [request.split()[1] for request in it.requests] == [
        b"/stage/0",
        b"/stage/1",
        b"/stage/2",
    ]


def test_a_connection_that_the_server_wants_closed_is_not_used_again() -> None:
    with service(answering_each(*[answer(200, "", "Connection: close")] * 2)) as it:
        wire = Wire(it.url)
        get(wire)
        get(wire)

    assert it.connections == 2


def test_nobody_there_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(NotReached, match="ConnectionRefusedError"):
        get(Wire(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhalf", b"?\r\n"]
)
def test_half_an_answer_is_none(reply: bytes) -> None:
    with service(answering_each(reply)) as it, pytest.raises(Unanswered):
        get(Wire(it.url))


def test_a_certificate_nobody_vouches_for_is_not_reached(tmp_path: Path) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(*certificate(tmp_path, name="localhost"))

    with (
        service(answering_each(answer(200)), tls=server) as it,
        pytest.raises(NotReached, match="SSLCertVerificationError"),
    ):
        get(Wire(f"https://localhost:{it.port}"))

    assert it.requests == []


def test_who_refuses_before_all_was_sent_is_heard() -> None:
    def refuse(it: Service, connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(answer(413, "too much", "Connection: close"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20) and not it.over.is_set():
            pass

    with service(refuse) as it:
        told = Wire(it.url).exchange(ClientRequest(method="PUT", target="/", body=b"x" * (1 << 24)))

    assert (told.status, told.content) == (413, b"too much")


def test_a_file_is_sent_and_a_success_received_without_being_in_memory() -> None:
    got = io.BytesIO()
    with (
        service(answering_each(answer(200, "much"), answer(404, "why"))) as it,
        closing(Wire(f"{it.url}/bucket/a?signature=1")) as wire,
    ):
        headers = {"Content-Length": "3"}
        asked = ClientRequest(method="PUT", headers=headers, body=io.BytesIO(b"abc"), into=got)
        wire.exchange(asked)
        refused = wire.exchange(ClientRequest(method="GET", into=got))

    assert it.requests[0].startswith(b"PUT /bucket/a?signature=1 HTTP/1.1\r\n")
    assert it.requests[0].endswith(b"\r\n\r\nabc")
    assert (got.getvalue(), refused.content) == (b"much", b"why")


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with service(answering(answer(403, "", "Connection: close"))) as it:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://me:pass%20word@127.0.0.1:{it.port}")
        monkeypatch.setenv("no_proxy", "")
        get(Wire("http://api.test/stage"), "/v1")
        with pytest.raises(NotReached):
            get(Wire("https://api.test"))
        with pytest.raises(NotReached):
            get(Wire("http://localhost:1"))

    assert [request.split(b"/1.")[0] for request in it.requests] == [
        b"GET http://api.test/stage/v1 HTTP",
        b"CONNECT api.test:443 HTTP",
    ]
    assert {headers_of(request)["proxy-authorization"] for request in it.requests} == {
        "Basic bWU6cGFzcyB3b3Jk"
    }
