"""No blocked address is ever dialled, asserted where sockets connect."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from aiwebhook.domain.delivery import SendFailure
from aiwebhook.outbound.guarded_network import resolve_addresses
from tests.notifier.sending import (
    PATIENT,
    SHORT,
    Resolver,
    any_callback,
    any_sender,
    fault_of,
    sent,
)
from tests.support.hostile_addresses import HOSTILE, HOSTILE_URLS

pytestmark = pytest.mark.usefixtures("each_way")


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
        sender = any_sender(allow_loopback=loopback, limits=SHORT, resolve=Resolver(answers))
        outcome = sent(sender, any_callback("https://hooks.example.com/"))
        assert fault_of(outcome) is SendFailure.REFUSED
    if not (loopback and address in {"127.0.0.1", "::1"}):
        sender = any_sender(allow_loopback=loopback, limits=SHORT)
        assert fault_of(sent(sender, any_callback(literal(address)))) is SendFailure.REFUSED
    assert dialled.addresses == []


@pytest.mark.req("N3")
@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_no_hostile_spelling_is_even_resolved(dialled: Dialled, url: str) -> None:
    resolver = Resolver([PUBLIC_V4])
    outcome = sent(any_sender(limits=SHORT, resolve=resolver), any_callback(url))
    assert fault_of(outcome) is SendFailure.REFUSED
    assert resolver.asked == []
    assert dialled.addresses == []


@pytest.mark.req("N3")
def test_a_name_is_resolved_once_and_only_what_was_checked_is_dialled(dialled: Dialled) -> None:
    """DNS rebinding: the second answer would be inside."""
    resolver = Resolver([PUBLIC_V4, PUBLIC_V6], ["127.0.0.1"])
    sender = any_sender(limits=PATIENT, resolve=resolver)
    outcome = sent(sender, any_callback("https://rebind.example.com/"))
    assert fault_of(outcome) is SendFailure.CONNECT
    assert resolver.asked == ["rebind.example.com"]
    assert dialled.addresses == [PUBLIC_V4, PUBLIC_V6]


@pytest.mark.req("N3")
def test_a_name_with_no_address_is_a_connection_fault(dialled: Dialled) -> None:
    sender = any_sender(limits=SHORT, resolve=Resolver([]))
    assert (
        fault_of(sent(sender, any_callback("https://nothing.example.com/"))) is SendFailure.CONNECT
    )


@pytest.mark.req("N3")
@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (socket.gaierror("unknown"), SendFailure.CONNECT),
        (TimeoutError("slow"), SendFailure.TIMEOUT),
    ],
)
def test_a_resolver_that_fails_is_no_crash(error: OSError, fault: SendFailure) -> None:
    def resolve(_host: str, _port: int, _timeout_s: float) -> Sequence[str]:
        raise error

    sender = any_sender(limits=SHORT, resolve=resolve)
    assert fault_of(sent(sender, any_callback("https://hooks.example.com/"))) is fault


@pytest.mark.req("N3")
def test_the_systems_resolver_knows_localhost() -> None:
    addresses = resolve_addresses("localhost", 80, 5)
    assert "127.0.0.1" in addresses or "::1" in addresses
    with pytest.raises(OSError, match=r".+"):
        resolve_addresses("does-not-exist.invalid", 80, 5)
