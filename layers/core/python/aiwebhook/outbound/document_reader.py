"""DocumentReader over httpcore: a GET behind the same guard as callbacks."""

from __future__ import annotations

import ssl
from functools import cached_property

import httpcore

from aiwebhook.domain.egress import EgressRefused, EgressTarget, parse_target
from aiwebhook.outbound.guarded_network import (
    ExchangeDeadline,
    GuardedBackend,
    Resolver,
    checked_addresses,
    resolve_addresses,
    system_authorities,
)
from aiwebhook.ports.oauth import NoDocument

_OK = 200
_CONNECT_S = 3.0
_TOTAL_S = 5.0  # from the first DNS question to the last byte: a person waits for the page
_FAULTS = (OSError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": "AI-Webhook/1 (OAuth client metadata)",
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # nothing is decompressed: no bomb goes off
    "Connection": "close",
}


class HttpDocumentReader:
    """Reads from checked addresses only, follows no redirect and sends no cookie."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        total_s: float = _TOTAL_S,
        resolve: Resolver = resolve_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`allow_loopback`: the local stack only. `tls`: instead of the system's authorities."""
        self._allow_loopback = allow_loopback
        self._total_s = total_s
        self._resolve = resolve
        self._given_tls = tls

    def read(self, url: str, *, limit: int) -> bytes | NoDocument:
        """The document, or why there is none."""
        target = parse_target(url, allow_loopback=self._allow_loopback)
        if isinstance(target, EgressRefused):
            return NoDocument(reason=target.reason)
        deadline = ExchangeDeadline(self._total_s)
        try:
            addresses = checked_addresses(
                target,
                resolve=self._resolve,
                timeout_s=min(_CONNECT_S, deadline.left()),
                allow_loopback=self._allow_loopback,
            )
            if isinstance(addresses, EgressRefused):
                return NoDocument(reason=addresses.reason)
            backend = GuardedBackend(addresses, deadline, connect_s=_CONNECT_S)
            return self._get(target, backend, limit)
        except (TimeoutError, httpcore.TimeoutException):
            return NoDocument(reason=f"{target.host} did not answer within {self._total_s:g} s")
        except _FAULTS:
            return NoDocument(reason=f"{target.host} could not be reached")

    def _get(self, target: EgressTarget, backend: GuardedBackend, limit: int) -> bytes | NoDocument:
        url = httpcore.URL(
            scheme=target.scheme,
            host=target.host.encode("ascii"),
            port=target.port,
            target=target.path.encode("ascii"),
        )
        connection = httpcore.HTTPConnection(
            origin=url.origin,
            ssl_context=self._tls if target.scheme == "https" else None,
            network_backend=backend,
        )
        headers = {"Host": target.authority, **_HEADERS}
        with connection, connection.stream("GET", url, headers=headers) as response:
            if response.status != _OK:
                return NoDocument(reason=f"{target.host} answered {response.status}")
            body = bytearray()
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > limit:
                    return NoDocument(reason=f"it is larger than {limit // 1024} KiB")
            return bytes(body)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or system_authorities()
