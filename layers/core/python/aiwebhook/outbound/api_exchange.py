"""ApiExchange over httpcore, behind the same guard as callbacks."""

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
from aiwebhook.ports.exchange import API_S
from aiwebhook.ports.reconciliation import ApiAnswer, NoApiAnswer, OutboundRequest

_CONNECT_S = 5.0
_HEADERS = {
    "User-Agent": "AI-Webhook/1",
    "Accept-Encoding": "identity",  # nothing is decompressed: no bomb goes off
    "Connection": "close",
}


class HttpApiExchange:
    """Speaks to checked addresses only, follows no redirect: a token goes where it was meant to."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        total_s: float = API_S,
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

    def exchange(self, request: OutboundRequest, *, limit: int) -> ApiAnswer | NoApiAnswer:
        """The answer, or why there is none."""
        found = exchange_with(
            self._network,
            request.url,
            self._total_s,
            lambda connection, target: _exchange(connection, target, request, limit),
        )
        return NoApiAnswer(reason=found.reason) if isinstance(found, NoExchange) else found


def _exchange(
    connection: httpcore.HTTPConnection, target: EgressTarget, request: OutboundRequest, limit: int
) -> ApiAnswer | NoApiAnswer:
    headers: dict[bytes | str, bytes | str] = {
        "Host": target.authority,
        **({} if request.method == "GET" else {"Content-Length": "0"}),
        **_HEADERS,
        **request.headers,
    }
    with connection.stream(request.method, url_of(target), headers=headers) as response:
        named = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        body = body_within(response, limit)
        if body is None:
            return NoApiAnswer(reason=f"{target.host} sent more than {limit >> 20} MiB")
        return ApiAnswer(status=response.status, headers=named, body=body)
