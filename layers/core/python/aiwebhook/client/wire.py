"""HTTP/1.1 on Python's own library: persistent connections, one exchange at a time on each.

Not httpx (ADR 0007): importing it and creating a client took a third of what a run adds to its
agent, and delayed every command of the CLI as much. `http.client` takes a tenth of that.

WireError
├── BadAddress   not a usable address
├── NotReached   no connection, so nothing was sent
└── Unanswered   the request may have been acted on, but there is no complete answer
"""

from __future__ import annotations

import select
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

CONNECT_S = 5.0
KEPT_S = 5.0
"""How long an idle connection is reused; later, a device in between may have dropped it."""
BLOCK_BYTES = 64 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
FIRST_ERROR = 400
_PORT = {"http": 80, "https": 443}


class WireError(Exception):
    """Root of the tree above; the message is the class name of the cause."""


class BadAddress(WireError):
    """Not an address that HTTP can be spoken with."""


class NotReached(WireError):
    """No connection could be made, so nothing was sent."""


class Unanswered(WireError):
    """The request may have been acted on, but there is no complete answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """One request. `target` follows the address and is already quoted; a file as `body` needs
    a Content-Length header.
    """

    method: str
    target: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | IO[bytes] | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    """Applies to each socket operation, not to the whole exchange."""
    into: IO[bytes] | None = field(default=None, repr=False)
    """Receives the content of a success, which the reply then lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """A response; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    content: bytes = field(default=b"", repr=False)


class Wire:
    """Connections to one address, which may be a whole URL. Safe between threads: each exchange has
    a connection to itself.

    Uses the environment's proxy, except for this machine. Follows no redirect.
    """

    def __init__(self, address: str) -> None:
        """Raises BadAddress."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError as exc:
            raise BadAddress(str(exc)) from exc
        if parts.scheme not in _PORT or not parts.hostname:
            raise BadAddress("neither http:// nor https://")
        self._scheme = parts.scheme
        self._host = parts.hostname
        self._port = port or _PORT[parts.scheme]
        self._authority = parts.netloc.rpartition("@")[2]
        query = f"?{parts.query}" if parts.query else ""
        self._path = parts.path.rstrip("/") + query
        self._lock = threading.Lock()
        self._idle: list[tuple[HTTPConnection, float]] = []

    def exchange(self, request: ClientRequest) -> HttpReply:
        """Send a request and return its response, whatever the status. Raises WireError."""
        connection = self._kept() or self._connected()
        target, headers = self._path + request.target, dict(request.headers)
        if self._proxy is not None and self._scheme == "http":
            target = f"http://{self._authority}{target}"
            headers |= self._proxy.headers
        try:
            connection.sock.settimeout(request.timeout_s)
            # A server may refuse and close before it has read all of it; the response counts.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(
                    request.method, target or "/", body=request.body, headers=headers
                )
            answer = connection.getresponse()
            content = _content(answer, request.into)
        except (OSError, HTTPException) as exc:
            connection.close()
            raise Unanswered(type(exc).__name__) from exc
        except BaseException:
            connection.close()
            raise
        if not answer.will_close:
            with self._lock:
                self._idle.append((connection, time.monotonic() + KEPT_S))
        received_headers = {name.lower(): value for name, value in answer.getheaders()}
        return HttpReply(status=answer.status, headers=received_headers, content=content)

    def close(self) -> None:
        """Close the idle connections; an exchange under way keeps its own."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()

    def _kept(self) -> HTTPConnection | None:
        """An idle connection that, as far as can be seen, the server has not closed; or None."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection, until = self._idle.pop()
            if time.monotonic() < until and not _readable(connection):
                return connection
            connection.close()

    def _connected(self) -> HTTPConnection:
        try:
            connection = self._new()
            connection.connect()
        except OSError as exc:  # first, because a bad certificate is also a ValueError
            raise NotReached(type(exc).__name__) from exc
        except (ValueError, HTTPException) as exc:  # an impossible host name
            raise BadAddress(type(exc).__name__) from exc
        return connection

    def _new(self) -> HTTPConnection:
        proxy = self._proxy
        host, port = (proxy.host, proxy.port) if proxy else (self._host, self._port)
        if self._scheme == "http":
            return HTTPConnection(host, port, timeout=CONNECT_S, blocksize=BLOCK_BYTES)
        connection = HTTPSConnection(
            host, port, timeout=CONNECT_S, blocksize=BLOCK_BYTES, context=_tls_context()
        )
        if proxy is not None:
            connection.set_tunnel(self._host, self._port, headers=dict(proxy.headers))
        return connection

    @cached_property
    def _proxy(self) -> _Proxy | None:
        return None if self._host in LOOPBACK else _proxy_for(self._scheme, self._host)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proxy:
    host: str
    port: int
    headers: Mapping[str, str] = field(repr=False)


def _proxy_for(scheme: str, host: str) -> _Proxy | None:
    """The proxy that the environment names (HTTPS_PROXY, NO_PROXY, …), or on macOS the system."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - reason: not on loopback

    found = getproxies()
    address = found.get(scheme) or found.get("all")
    if not address or proxy_bypass(host):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    headers: dict[str, str] = {}
    if parts.username is not None:
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {b64encode(known.encode()).decode()}"
    return _Proxy(host=parts.hostname or "", port=parts.port or 80, headers=headers)


@cache
def _tls_context() -> ssl.SSLContext:
    """Trusts the system's authorities (or SSL_CERT_FILE), and certifi's if Python finds none."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    found = paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))
    if not found:
        import certifi  # noqa: PLC0415 - reason: reading its authorities takes some 30 ms

        context.load_verify_locations(certifi.where())
    return context


def _content(answer: HTTPResponse, into: IO[bytes] | None) -> bytes:
    if into is None or answer.status >= FIRST_ERROR:
        return answer.read()
    while block := answer.read(BLOCK_BYTES):
        into.write(block)
    return b""


def _readable(connection: HTTPConnection) -> bool:
    """Whether there is anything to read; on an idle connection that can only be its end."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
