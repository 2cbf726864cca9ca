"""A client's document is fetched behind the guard of callbacks: little, soon, and
from nowhere private.
"""

from __future__ import annotations

import socket

import pytest

from aiwebhook.outbound.document_reader import HttpDocumentReader
from aiwebhook.ports.oauth import NoDocument
from tests.support.loopback import Service, answer, answering, read_request, service

pytestmark = pytest.mark.req("O7")
LIMIT = 64 * 1024


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("10.0.0.1", "private"),
        ("127.0.0.1", "loopback"),
        ("169.254.169.254", "metadata"),
        ("192.168.1.1", "private"),
        ("::1", "outside global unicast"),
        ("64:ff9b::a00:1", "outside global unicast"),
    ],
)
def test_a_name_that_leads_to_a_private_address_is_not_fetched(address: str, why: str) -> None:
    reader = HttpDocumentReader(resolve=lambda _host, _port, _s: ["93.184.216.34", address])
    told = reader.read("https://client.example.org/client.json", limit=LIMIT)
    assert isinstance(told, NoDocument)
    assert why in told.reason


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/client.json",
        "https://127.0.0.1/client.json",
        "https://localhost/client.json",
        "https://2130706433/client.json",
        "http://client.example.org/client.json",
        "https://client.example.org:8443/client.json",
    ],
)
def test_an_address_in_place_of_a_name_is_not_fetched(url: str) -> None:
    reader = HttpDocumentReader(resolve=lambda _host, _port, _s: ["93.184.216.34"])
    told = reader.read(url, limit=LIMIT)
    assert isinstance(told, NoDocument)


def read_from(response: bytes) -> bytes | NoDocument:
    with service(answering(response)) as server:
        reader = HttpDocumentReader(allow_loopback=True)
        return reader.read(f"{server.url}/client.json", limit=LIMIT)


def test_a_document_is_read() -> None:
    assert read_from(answer(200, '{"a": 1}')) == b'{"a": 1}'


def test_ten_megabytes_are_not_read() -> None:
    told = read_from(answer(200, "x" * 10_000_000))
    assert told == NoDocument(reason="it is larger than 64 KiB")


@pytest.mark.parametrize("status", [301, 302, 404, 500])
def test_no_redirect_is_followed_and_no_error_is_read(status: int) -> None:
    told = read_from(answer(status, "{}", "Location: http://127.0.0.1:9/other"))
    assert told == NoDocument(reason=f"127.0.0.1 answered {status}")


def test_a_server_that_never_ends_is_left() -> None:
    def drip(server: Service, connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.pause():
            connection.sendall(b" ")

    with service(drip) as server:
        reader = HttpDocumentReader(allow_loopback=True, total_s=0.3)
        told = reader.read(f"{server.url}/client.json", limit=LIMIT)
    assert told == NoDocument(reason="127.0.0.1 did not answer within 0.3 s")
