"""A web server of the demo's own, on loopback, for what others would call."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReply:
    """What a POST is answered with."""

    status: int
    body: bytes = b""


@contextmanager
def serving_posts(
    take: Callable[[bytes, Mapping[str, str]], PostReply], *, tls: ssl.SSLContext | None = None
) -> Generator[int]:
    """The port of a server that hands each POST to `take`: its body, and its headers by their names
    in lower case. Stopped on the way out.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            reply = take(body, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(reply.status)
            if reply.body:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Nothing: the demo tells the story itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, name="demo-server", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
