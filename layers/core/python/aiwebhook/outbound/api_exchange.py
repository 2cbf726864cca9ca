"""ApiExchange over httpcore, behind the same guard as callbacks."""

from __future__ import annotations

import ssl

import httpcore

from aiwebhook.domain.egress import EgressRefused, EgressTarget, parse_target
from aiwebhook.outbound.guarded_network import (
    FAULTS,
    ExchangeDeadline,
    GuardedNetwork,
    Resolver,
    authorities,
    resolve_addresses,
    url_of,
)
from aiwebhook.ports.reconciliation import ApiAnswer, NoApiAnswer, OutboundRequest

_CONNECT_S = 5.0
_TOTAL_S = 30.0  # GitHub itself ends a request after ten seconds; 25 MB take their time
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
        total_s: float = _TOTAL_S,
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
        target = parse_target(request.url, allow_loopback=self._network.allow_loopback)
        if isinstance(target, EgressRefused):
            return NoApiAnswer(reason=target.reason)
        try:
            connection = self._network.connection(target, ExchangeDeadline(self._total_s))
            if isinstance(connection, EgressRefused):
                return NoApiAnswer(reason=connection.reason)
            return _exchange(connection, target, request, limit)
        except (TimeoutError, httpcore.TimeoutException):
            return NoApiAnswer(reason=f"{target.host} did not answer within {self._total_s:g} s")
        except FAULTS:
            return NoApiAnswer(reason=f"{target.host} could not be reached")


def _exchange(
    connection: httpcore.HTTPConnection, target: EgressTarget, request: OutboundRequest, limit: int
) -> ApiAnswer | NoApiAnswer:
    headers: dict[bytes | str, bytes | str] = {
        "Host": target.authority,
        **({} if request.method == "GET" else {"Content-Length": "0"}),
        **_HEADERS,
        **request.headers,
    }
    with (
        connection,
        connection.stream(request.method, url_of(target), headers=headers) as response,
    ):
        named = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > limit:
                return NoApiAnswer(reason=f"{target.host} sent more than {limit >> 20} MiB")
        return ApiAnswer(status=response.status, headers=named, body=bytes(body))
