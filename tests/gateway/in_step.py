"""A provider that is never ahead of the agent."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Semaphore

import httpx

from tests.gateway.asking import Dialect
from tests.support.llm_gateway import Served
from tests.support.loopback import Service, read_request, service


def beginning(scripted: Served, dialect: Dialect) -> bytes:
    """An answer up to its first piece of text."""
    url, body = scripted.url + dialect.path, dialect.body("[[scenario:drop]]")
    begun = b""
    with (
        suppress(httpx.RemoteProtocolError),
        scripted.client.stream("POST", url, json=body) as answer,
    ):
        for piece in answer.iter_bytes():
            begun += piece
    return begun


@contextmanager
def in_step(begun: bytes) -> Generator[tuple[str, Callable[[httpx.Response], None]]]:
    """A provider's address, and how to read its answer: the last piece of text comes again and
    again, but never before the agent has the previous one. So how much a gateway reads at once does
    not depend on when it gets a processor.
    """
    text = begun.rstrip().rpartition(b"\n\n")[2] + b"\n\n"
    wanted = Semaphore(0)

    def serve(it: Service, connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + begun)
        while not it.over.is_set():
            if wanted.acquire(timeout=0.1):
                connection.sendall(text)

    def follow(answer: httpx.Response) -> None:
        for _ in answer.iter_bytes():
            wanted.release()

    with service(serve) as it:
        yield it.url, follow
