"""The receiver zoo: whatever a receiver does, we come back in time, with the right word for it."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aiwebhook.domain.delivery import Answered, Fault, Outcome, Unanswered
from aiwebhook.outbound.callback_sender import HttpCallbackSender, Limits
from aiwebhook.outbound.guarded_network import resolve_addresses
from aiwebhook.ports.deliveries import Callback
from tests.support.hostile_addresses import HOSTILE, HOSTILE_URLS
from tests.support.loopback import (
    Service,
    answer,
    answering,
    body_of,
    headers_of,
    read_request,
    service,
)

Serve = Callable[[Service, socket.socket], None]
# Small, so that a test of a deadline ends soon; nothing asserts how soon.
SHORT = Limits(connect_s=0.3, total_s=0.3, body_s=0.1)
PATIENT = Limits(connect_s=5, total_s=10, body_s=5)
HEAD = b"HTTP/1.1 200 OK\r\n"


def any_callback(url: str, body: bytes = b'{"type":"x"}') -> Callback:
    return Callback(url=url, headers={"webhook-id": "dlv_1"}, body=body)


def send_to(serve: Serve, *, limits: Limits = PATIENT, body: bytes = b"{}") -> Outcome:
    with service(serve) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, limits=limits)
        return sender.send(any_callback(receiver.url + "/hook", body))


def fault_of(outcome: Outcome) -> Fault:
    assert isinstance(outcome, Unanswered), outcome
    assert outcome.detail
    return outcome.fault


@pytest.mark.req("N3")
def test_the_request_is_what_standard_webhooks_say() -> None:
    with service(answering(answer(204))) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, limits=PATIENT)
        body = b'{"type":"task.completed"}'
        outcome = sender.send(any_callback(f"{receiver.url}/hook?a=b%20c", body))
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
    assert fault_of(send_to(serve, limits=SHORT)) is Fault.TIMEOUT


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
    assert fault_of(send_to(serve)) is Fault.PROTOCOL


def resets(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def resets_in_the_body(it: Service, connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\npart")
    resets(it, connection)


@pytest.mark.req("N3")
def test_a_reset_instead_of_an_answer_is_a_connection_fault() -> None:
    assert fault_of(send_to(resets)) is Fault.CONNECT


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
    outcome = send_to(serve, limits=Limits(connect_s=5, total_s=10, body_s=0.1), body=b"{}")
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
    sender = HttpCallbackSender(allow_loopback=True, limits=SHORT)
    assert fault_of(sender.send(any_callback(f"http://127.0.0.1:{port}/"))) is Fault.CONNECT


@pytest.mark.req("N3")
def test_a_header_we_could_not_send_is_our_own_fault() -> None:
    with service(answering(answer(200))) as receiver:
        callback = Callback(url=receiver.url, headers={"webhook-id": "a\r\nX: y"}, body=b"")
        outcome = HttpCallbackSender(allow_loopback=True, limits=SHORT).send(callback)
    assert fault_of(outcome) is Fault.BODY
    assert receiver.requests == []


@pytest.mark.req("N3")
def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with service(answering(answer(200))) as proxy, service(answering(answer(204))) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        outcome = HttpCallbackSender(allow_loopback=True, limits=PATIENT).send(
            any_callback(receiver.url)
        )
    assert outcome == Answered(status=204)
    assert proxy.connections == 0


class Dialled:
    """Every address that anybody in this process tried to connect to; none is reached."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def connect(self, _socket: socket.socket, address: tuple[str, int]) -> None:
        self.addresses.append(address[0])
        raise ConnectionRefusedError


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    spy = Dialled()

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        spy.connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return spy


class Resolver:
    """Answers in turn, and counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int, _timeout_s: float) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


PUBLIC_V4, PUBLIC_V6 = "93.184.216.34", "2606:2800:220:1::1946"


def literal(address: str) -> str:
    return f"https://[{address}]/" if ":" in address else f"https://{address}/"


@pytest.mark.req("N3")
@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("loopback", [False, True])
def test_no_hostile_address_is_dialled(dialled: Dialled, address: str, loopback: bool) -> None:
    """As a literal, as the only answer, and first or last among good ones."""
    hidden = [[address], [PUBLIC_V4, address], [address, PUBLIC_V4], [PUBLIC_V6, address]]
    for answers in hidden:
        sender = HttpCallbackSender(
            allow_loopback=loopback, limits=SHORT, resolve=Resolver(answers)
        )
        outcome = sender.send(any_callback("https://hooks.example.com/"))
        assert fault_of(outcome) is Fault.REFUSED
    if not (loopback and address in {"127.0.0.1", "::1"}):
        sender = HttpCallbackSender(allow_loopback=loopback, limits=SHORT)
        assert fault_of(sender.send(any_callback(literal(address)))) is Fault.REFUSED
    assert dialled.addresses == []


@pytest.mark.req("N3")
@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_no_hostile_spelling_is_even_resolved(dialled: Dialled, url: str) -> None:
    resolver = Resolver([PUBLIC_V4])
    outcome = HttpCallbackSender(limits=SHORT, resolve=resolver).send(any_callback(url))
    assert fault_of(outcome) is Fault.REFUSED
    assert resolver.asked == []
    assert dialled.addresses == []


@pytest.mark.req("N3")
def test_a_name_is_resolved_once_and_only_what_was_checked_is_dialled(dialled: Dialled) -> None:
    """DNS rebinding: the second answer would be inside."""
    resolver = Resolver([PUBLIC_V4, PUBLIC_V6], ["127.0.0.1"])
    sender = HttpCallbackSender(limits=SHORT, resolve=resolver)
    outcome = sender.send(any_callback("https://rebind.example.com/"))
    assert fault_of(outcome) is Fault.CONNECT
    assert resolver.asked == ["rebind.example.com"]
    assert dialled.addresses == [PUBLIC_V4, PUBLIC_V6]


@pytest.mark.req("N3")
def test_a_name_with_no_address_is_a_connection_fault(dialled: Dialled) -> None:
    sender = HttpCallbackSender(limits=SHORT, resolve=Resolver([]))
    assert fault_of(sender.send(any_callback("https://nothing.example.com/"))) is Fault.CONNECT


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    ("error", "fault"),
    [(socket.gaierror("unknown"), Fault.CONNECT), (TimeoutError("slow"), Fault.TIMEOUT)],
)
def test_a_resolver_that_fails_is_no_crash(error: OSError, fault: Fault) -> None:
    def resolve(_host: str, _port: int, _timeout_s: float) -> Sequence[str]:
        raise error

    sender = HttpCallbackSender(limits=SHORT, resolve=resolve)
    assert fault_of(sender.send(any_callback("https://hooks.example.com/"))) is fault


@pytest.mark.req("N3")
def test_the_systems_resolver_knows_localhost() -> None:
    addresses = resolve_addresses("localhost", 80, 5)
    assert "127.0.0.1" in addresses or "::1" in addresses
    with pytest.raises(OSError, match=r".+"):
        resolve_addresses("does-not-exist.invalid", 80, 5)


def certificate(folder: Path, *, name: str, expired: bool = False) -> tuple[Path, Path]:
    """A self-signed certificate for the name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime(2020, 1, 1, tzinfo=UTC) if expired else datetime(2099, 1, 1, tzinfo=UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "127.0.0.1":
        names = [x509.IPAddress(ip_address(name))]
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / f"{name}.crt", folder / f"{name}.key"
    crt.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return crt, pem


class Tls:
    """A TLS server's side, and a client that trusts it."""

    def __init__(self, folder: Path, *, name: str = "localhost", expired: bool = False) -> None:
        crt, pem = certificate(folder, name=name, expired=expired)
        self.sni: list[str | None] = []
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(crt, pem)

        def seen(_socket: object, name: str | None, _context: object) -> None:
            self.sni.append(name)

        self.server.sni_callback = seen
        self.client = ssl.create_default_context(cafile=str(crt))

    def send(self, *, trust: bool = True) -> tuple[Outcome, Service]:
        with service(answering(answer(200)), tls=self.server) as receiver:
            sender = HttpCallbackSender(
                allow_loopback=True,
                limits=PATIENT,
                resolve=Resolver(["127.0.0.1"]),
                tls=self.client if trust else None,
            )
            url = f"https://localhost:{receiver.port}/hook"
            return sender.send(any_callback(url)), receiver


@pytest.mark.req("N3")
def test_the_checked_address_is_called_by_its_name(tmp_path: Path) -> None:
    tls = Tls(tmp_path)
    outcome, receiver = tls.send()
    assert outcome == Answered(status=200)
    assert tls.sni == ["localhost"]
    assert headers_of(receiver.requests[0])["host"] == f"localhost:{receiver.port}"


@pytest.mark.req("N3")
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    outcome, receiver = Tls(tmp_path).send(trust=False)
    assert fault_of(outcome) is Fault.TLS
    assert receiver.requests == []


@pytest.mark.req("N3")
@pytest.mark.parametrize(("name", "expired"), [("other.example", False), ("localhost", True)])
def test_a_certificate_of_another_name_or_time_is_refused(
    tmp_path: Path, name: str, expired: bool
) -> None:
    outcome, receiver = Tls(tmp_path, name=name, expired=expired).send()
    assert fault_of(outcome) is Fault.TLS
    assert receiver.requests == []


@pytest.mark.req("N3")
def test_plain_http_where_tls_should_be_is_a_tls_fault(tmp_path: Path) -> None:
    def serve(it: Service, connection: socket.socket) -> None:
        connection.sendall(answer(200))

    with service(serve) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, limits=PATIENT)
        outcome = sender.send(any_callback(f"https://127.0.0.1:{receiver.port}/"))
    assert fault_of(outcome) is Fault.TLS


@pytest.mark.req("N3")
def test_a_handshake_that_never_ends_is_a_timeout() -> None:
    def serve(it: Service, connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record that never comes
        while not it.pause():
            connection.sendall(b"\x02")

    with service(serve) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, limits=SHORT)
        outcome = sender.send(any_callback(f"https://127.0.0.1:{receiver.port}/"))
    assert fault_of(outcome) in {Fault.TIMEOUT, Fault.TLS}


@pytest.fixture(autouse=True)
def no_sockets_left() -> Iterator[None]:
    """A callback closes what it opened, however it ends."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        yield
        return
    before = sockets_in(descriptors)
    yield
    assert sockets_in(descriptors) <= before


def sockets_in(descriptors: Path) -> int:
    def is_socket(entry: Path) -> bool:
        try:
            return os.readlink(entry).startswith("socket:")  # noqa: PTH115 - Path.readlink resolves "socket:[1]" badly
        except FileNotFoundError:
            return False

    return sum(is_socket(entry) for entry in descriptors.iterdir())
