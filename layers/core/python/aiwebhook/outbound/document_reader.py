"""DocumentReader over httpcore: a GET behind the same guard as callbacks."""

from __future__ import annotations

import ssl

import httpcore

from aiwebhook.domain.egress import EgressTarget
from aiwebhook.outbound.bounded_exchange import NoExchange, body_within, exchange_with
from aiwebhook.outbound.guarded_network import (
    GuardedNetwork,
    Resolver,
    authorities,
    resolve_addresses,
    url_of,
)
from aiwebhook.ports.oauth import DOCUMENT_S, NoDocument

_OK = 200
_CONNECT_S = 3.0
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
        total_s: float = DOCUMENT_S,
        resolve: Resolver = resolve_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`allow_loopback`: the local stack only. `tls`: instead of the system's authorities."""
        self._total_s = total_s
        self._network = GuardedNetwork(
            allow_loopback=allow_loopback,
            connect_s=_CONNECT_S,
            resolve=resolve,
            tls=authorities(tls),
        )

    def read(self, url: str, *, limit: int) -> bytes | NoDocument:
        """The document, or why there is none."""
        found = exchange_with(
            self._network,
            url,
            self._total_s,
            lambda connection, target: _get(connection, target, limit),
        )
        return NoDocument(reason=found.reason) if isinstance(found, NoExchange) else found


def _get(
    connection: httpcore.HTTPConnection, target: EgressTarget, limit: int
) -> bytes | NoDocument:
    headers = {"Host": target.authority, **_HEADERS}
    with connection.stream("GET", url_of(target), headers=headers) as response:
        if response.status != _OK:
            return NoDocument(reason=f"{target.host} answered {response.status}")
        body = body_within(response, limit)
        return NoDocument(reason=f"it is larger than {limit // 1024} KiB") if body is None else body
