"""A loopback HTTP server in front of Lambda handlers: HTTP → REST API event → handler → HTTP.

It keeps the contract of API Gateway and Lambda that tests rely on: exact bytes travel as base64,
one instance handles one request at a time, more requests at once get more instances. `/webhook`,
what is below it and `/v1/commands` go to relay, everything else to session_api.

    with HttpFront(session_api=lambda: my_handler) as front:
        httpx.get(f"{front.url}/healthz")
"""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Event = dict[str, Any]
LambdaHandler = Callable[[Event, object], dict[str, Any]]
_RELAY = frozenset({"/webhook", "/v1/commands"})


def rest_event(
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    address: str = "127.0.0.1",
) -> Event:
    """The REST API proxy event (payload version 1.0) of a request; `target` is path and
    query as sent.
    """
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    sent = dict(headers or {})
    return {
        "version": "1.0",
        "resource": "/{proxy+}",
        "path": parts.path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": several or None,
        "pathParameters": {"proxy": parts.path.lstrip("/")},
        "requestContext": {
            "httpMethod": method,
            "path": parts.path,
            "identity": {"sourceIp": address},
            "stage": "test",
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


class Instances:
    """Instances of one function: a free one is used again, another is made when all are busy."""

    def __init__(self, make: Callable[[], LambdaHandler]) -> None:
        self._make = make
        self._free: list[LambdaHandler] = []
        self._lock = threading.Lock()

    def call(self, event: Event) -> dict[str, Any]:
        """Handle one event."""
        with self._lock:
            handler = self._free.pop() if self._free else None
        handler = handler or self._make()
        try:
            return handler(event, None)
        finally:
            with self._lock:
                self._free.append(handler)


class CuttableServer(ThreadingHTTPServer):
    """Knows its connections, to cut them as the end of its process would."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], request: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, request)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut under a request is no error."""
        if request in self._open:
            super().handle_error(request, client_address)

    def cut(self) -> None:
        """End every connection, also under a request."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)


class HttpFront:
    """Serves from a thread until closed. Functions that are not given answer 502, as
    a gateway does.
    """

    def __init__(
        self,
        *,
        session_api: Callable[[], LambdaHandler] | None = None,
        relay: Callable[[], LambdaHandler] | None = None,
        port: int = 0,
    ) -> None:
        self._session_api = None if session_api is None else Instances(session_api)
        self._relay = None if relay is None else Instances(relay)
        self.requests: list[tuple[str, str]] = []
        self._server = CuttableServer(("127.0.0.1", port), _request_class(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self._thread.join(timeout=5)

    def answer(self, event: Event) -> dict[str, Any]:
        """What the function behind the path answers."""
        self.requests.append((event["httpMethod"], event["path"]))
        to_relay = event["path"] in _RELAY or event["path"].startswith("/webhook/")
        function = self._relay if to_relay else self._session_api
        if function is None:
            return {"statusCode": 502, "headers": {}, "body": '{"message": "no such function"}'}
        return function.call(event)


def _request_class(front: HttpFront) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one write

        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            event = rest_event(
                self.command,
                self.path,
                headers=dict(self.headers.items()),
                body=self.rfile.read(size),
                address=str(self.client_address[0]),
            )
            reply = front.answer(event)
            body = _body_of(reply)
            self.send_response(reply["statusCode"])
            headers: dict[str, str] = reply.get("headers") or {}
            for name, value in headers.items():
                self.send_header(name, value)
            if reply["statusCode"] != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and reply["statusCode"] != 204:
                self.wfile.write(body)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = _serve  # noqa: N815 - the base's names
        do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - the base's names
        do_TRACE = do_QUERY = _serve  # noqa: N815 - the base's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
            ...

    return Request


def _body_of(reply: Mapping[str, Any]) -> bytes:
    body = reply.get("body") or ""
    return base64.b64decode(body) if reply.get("isBase64Encoded") else str(body).encode()
