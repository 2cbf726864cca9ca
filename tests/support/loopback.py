"""Servers on loopback sockets that behave exactly as badly as a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Serve = Callable[[socket.socket, int], None]


@dataclass
class Service:
    """Where it listens, and what it saw."""

    port: int
    requests: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released once for each connection that the server has closed."""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pause(self, seconds: float = 0.01) -> bool:
        """A slow server's step; True when the test is over."""
        return self.over.wait(seconds)


def answer(status: int, body: str = "", *extra: str) -> bytes:
    """A whole response."""
    content = body.encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *extra]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + content


def read_request(connection: socket.socket) -> bytes:
    """One request with its body; what came so far when the client is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def headers_of(request: bytes) -> dict[str, str]:
    """Lower-case header names and their values."""
    lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def body_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


@contextmanager
def service(
    serve: Callable[[Service, socket.socket], None], *, tls: ssl.SSLContext | None = None
) -> Generator[Service]:
    """`serve(service, connection)` handles each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        it = Service(port=listener.getsockname()[1])

        def handle(raw: socket.socket) -> None:
            # The client may leave at any moment: that is what most of these tests are about.
            with suppress(OSError), raw:
                connection = tls.wrap_socket(raw, server_side=True) if tls else raw
                with connection:
                    serve(it, connection)
            it.closed.release()

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                it.connections += 1
                thread = threading.Thread(target=handle, args=[connection], daemon=True)
                threads.append(thread)
                thread.start()

        threads = [threading.Thread(target=accept, daemon=True)]
        threads[0].start()
        try:
            yield it
        finally:
            it.over.set()
            listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(timeout=10)


def answering(response: bytes) -> Callable[[Service, socket.socket], None]:
    """A server that reads the request, remembers it and gives this answer."""

    def serve(it: Service, connection: socket.socket) -> None:
        request = read_request(connection)
        if request:
            it.requests.append(request)
            connection.sendall(response)

    return serve
