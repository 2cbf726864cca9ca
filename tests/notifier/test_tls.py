"""The checked address is called by its name, and must prove it."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aiwebhook.domain.delivery import Answered, SendFailure, SendOutcome
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from tests.notifier.sending import PATIENT, SHORT, Resolver, any_callback, fault_of
from tests.support.loopback import Service, answer, answering, headers_of, service


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

    def send(self, *, trust: bool = True) -> tuple[SendOutcome, Service]:
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
    assert fault_of(outcome) is SendFailure.TLS
    assert receiver.requests == []


@pytest.mark.req("N3")
@pytest.mark.parametrize(("name", "expired"), [("other.example", False), ("localhost", True)])
def test_a_certificate_of_another_name_or_time_is_refused(
    tmp_path: Path, name: str, expired: bool
) -> None:
    outcome, receiver = Tls(tmp_path, name=name, expired=expired).send()
    assert fault_of(outcome) is SendFailure.TLS
    assert receiver.requests == []


@pytest.mark.req("N3")
def test_plain_http_where_tls_should_be_is_a_tls_fault(tmp_path: Path) -> None:
    def serve(it: Service, connection: socket.socket) -> None:
        connection.sendall(answer(200))

    with service(serve) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, limits=PATIENT)
        outcome = sender.send(any_callback(f"https://127.0.0.1:{receiver.port}/"))
    assert fault_of(outcome) is SendFailure.TLS


@pytest.mark.req("N3")
def test_a_handshake_that_never_ends_is_a_timeout() -> None:
    def serve(it: Service, connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record that never comes
        while not it.pause():
            connection.sendall(b"\x02")

    with service(serve) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, limits=SHORT)
        outcome = sender.send(any_callback(f"https://127.0.0.1:{receiver.port}/"))
    assert fault_of(outcome) in {SendFailure.TIMEOUT, SendFailure.TLS}
