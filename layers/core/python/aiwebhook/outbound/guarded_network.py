"""A network backend for httpcore that connects only where it was told to, and only
until a deadline.

httpcore's own timeouts are per read: a receiver that sends a byte a second would hold us for ever.
Here every operation gets what is left of the whole exchange.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore

from aiwebhook.domain.egress import EgressRefused, EgressTarget, check_address

Monotonic = Callable[[], float]
Resolver = Callable[[str, int, float], Sequence[str]]
FAULTS = (OSError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
"""What an exchange with a stranger may end in."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MAX_ADDRESSES = 4  # tried in turn; the deadline holds for all of them together


class ExchangeDeadline:
    """When the exchange ends. `shorten` brings it forward, never back."""

    def __init__(self, seconds: float, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Seconds left. Raises httpcore.ReadTimeout when there are none."""
        left = self._at - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline of the exchange has passed")
        return left

    def shorten(self, seconds: float) -> None:
        """From now on at most so many seconds."""
        self._at = min(self._at, self._monotonic() + seconds)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the given addresses, whatever host it is asked for."""

    def __init__(
        self, addresses: Sequence[str], deadline: ExchangeDeadline, *, connect_s: float
    ) -> None:
        """`addresses` have been checked by domain/egress.py; nothing is resolved again."""
        self._addresses = addresses[:_MAX_ADDRESSES]
        self._deadline = deadline
        self._connect_s = connect_s
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - httpcore's signature
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        """The first of the addresses that answers."""
        fault: Exception = httpcore.ConnectError("the name has no address")
        for address in self._addresses:
            limit = min(self._connect_s, self._deadline.left())
            try:
                stream = self._network.connect_tcp(address, port, timeout=limit)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                fault = exc
            else:
                return _DeadlineStream(stream, self._deadline)
        raise fault


class _DeadlineStream(httpcore.NetworkStream):
    """Every operation gets what is left of the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: ExchangeDeadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        return self._stream.read(max_bytes, timeout=self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's signature
        # In pieces: httpcore gives every send() the whole timeout, and a slow reader would stretch
        # it.
        for start in range(0, len(buffer), 65_536):
            self._stream.write(buffer[start : start + 65_536], timeout=self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, timeout=self._deadline.left())
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)


def resolve_addresses(host: str, port: int, timeout_s: float) -> Sequence[str]:
    """Every address of the name, in the system's order. Raises OSError, TimeoutError included.

    getaddrinfo has no timeout of its own and cannot be stopped: the thread it hangs in is left
    behind, and ends when the system's resolver gives up.
    """
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except OSError as exc:
            answers.put(exc)

    Thread(target=resolve, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=timeout_s)
    except Empty as exc:
        raise TimeoutError(f"{host} did not resolve in {timeout_s:g} s") from exc
    if isinstance(answer, OSError):
        raise answer
    return answer


def checked_addresses(
    target: EgressTarget, *, resolve: Resolver, timeout_s: float, allow_loopback: bool
) -> Sequence[str] | EgressRefused:
    """What the name resolves to, now, once. One bad address refuses them all. Raises
    OSError, TimeoutError included.
    """
    addresses = resolve(target.host, target.port, timeout_s)
    # Only a URL that says loopback may go there, not a name that happens to resolve to it.
    loopback = allow_loopback and target.host in _LOOPBACK
    for address in addresses:
        reason = check_address(address, target.port, allow_loopback=loopback)
        if reason is not None:
            return EgressRefused(reason=reason)
    return addresses


def url_of(target: EgressTarget) -> httpcore.URL:
    """The same, as httpcore takes it."""
    return httpcore.URL(
        scheme=target.scheme,
        host=target.host.encode("ascii"),
        port=target.port,
        target=target.path.encode("ascii"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedNetwork:
    """The way to strangers' servers. `allow_loopback`: the local stack only. `tls` is called
    only for https.
    """

    allow_loopback: bool
    connect_s: float
    resolve: Resolver
    tls: Callable[[], ssl.SSLContext]

    def connection(
        self, target: EgressTarget, deadline: ExchangeDeadline
    ) -> httpcore.HTTPConnection | EgressRefused:
        """A connection to checked addresses, not open yet. Raises OSError and httpcore's errors."""
        addresses = checked_addresses(
            target,
            resolve=self.resolve,
            timeout_s=min(self.connect_s, deadline.left()),
            allow_loopback=self.allow_loopback,
        )
        if isinstance(addresses, EgressRefused):
            return addresses
        return httpcore.HTTPConnection(
            origin=url_of(target).origin,
            ssl_context=self.tls() if target.scheme == "https" else None,
            network_backend=GuardedBackend(addresses, deadline, connect_s=self.connect_s),
        )


def authorities(given: ssl.SSLContext | None) -> Callable[[], ssl.SSLContext]:
    """Those given, else the system's, read once and when they are first needed."""
    return cache(lambda: given or system_authorities())


def system_authorities() -> ssl.SSLContext:
    """The certificate authorities that are trusted."""
    context = ssl.create_default_context()
    # Some Pythons find no system authorities; certifi comes with httpcore.
    context.load_verify_locations(import_module("certifi").where())
    return context
