"""The checked address is called by its name, and must prove it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from aiwebhook.domain.delivery import Answered, SendFailure, SendOutcome
from tests.notifier.sending import (
    PATIENT,
    SHORT,
    Resolver,
    any_callback,
    any_sender,
    fault_of,
    sent,
)
from tests.support.loopback import Service, answer, answering, headers_of, service
from tests.support.tls import Tls

pytestmark = pytest.mark.usefixtures("each_way")


def sent_over(tls: Tls, *, trust: bool = True) -> tuple[SendOutcome, Service]:
    """A callback to a server of this side."""
    with service(answering(answer(200)), tls=tls.server) as receiver:
        sender = any_sender(
            allow_loopback=True,
            limits=PATIENT,
            resolve=Resolver(["127.0.0.1"]),
            tls=tls.client if trust else None,
        )
        url = f"https://localhost:{receiver.port}/hook"
        return sent(sender, any_callback(url)), receiver


@pytest.mark.req("N3")
def test_the_checked_address_is_called_by_its_name(tmp_path: Path) -> None:
    tls = Tls(tmp_path)
    outcome, receiver = sent_over(tls)
    assert outcome == Answered(status=200)
    assert tls.sni == ["localhost"]
    assert headers_of(receiver.requests[0])["host"] == f"localhost:{receiver.port}"


@pytest.mark.req("N3")
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    outcome, receiver = sent_over(Tls(tmp_path), trust=False)
    assert fault_of(outcome) is SendFailure.TLS
    assert receiver.requests == []


@pytest.mark.req("N3")
@pytest.mark.parametrize(("name", "expired"), [("other.example", False), ("localhost", True)])
def test_a_certificate_of_another_name_or_time_is_refused(
    tmp_path: Path, name: str, expired: bool
) -> None:
    outcome, receiver = sent_over(Tls(tmp_path, name=name, expired=expired))
    assert fault_of(outcome) is SendFailure.TLS
    assert receiver.requests == []


@pytest.mark.req("N3")
def test_plain_http_where_tls_should_be_is_a_tls_fault(tmp_path: Path) -> None:
    def serve(it: Service, connection: socket.socket) -> None:
        connection.sendall(answer(200))

    with service(serve) as receiver:
        sender = any_sender(allow_loopback=True, limits=PATIENT)
        outcome = sent(sender, any_callback(f"https://127.0.0.1:{receiver.port}/"))
    assert fault_of(outcome) is SendFailure.TLS


@pytest.mark.req("N3")
def test_a_handshake_that_never_ends_is_a_timeout() -> None:
    def serve(it: Service, connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record that never comes
        while not it.pause():
            connection.sendall(b"\x02")

    with service(serve) as receiver:
        sender = any_sender(allow_loopback=True, limits=SHORT)
        outcome = sent(sender, any_callback(f"https://127.0.0.1:{receiver.port}/"))
    assert fault_of(outcome) in {SendFailure.TIMEOUT, SendFailure.TLS}
