"""CallbackSender over httpcore.

httpcore rather than httpx above it: it follows no redirect, reads no proxy variable and
decompresses nothing, by construction; its network backend is public; and it imports in
half the time.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import httpcore

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, Outcome, SendFailure
from aiwebhook.domain.egress import EgressRefused, EgressTarget, parse_target
from aiwebhook.domain.lane import PATIENCE_S, Lane
from aiwebhook.outbound.guarded_network import (
    ExchangeDeadline,
    GuardedBackend,
    Resolver,
    checked_addresses,
    resolve_addresses,
    system_authorities,
)
from aiwebhook.ports.deliveries import Callback

RESPONSE_LIMIT = 64 * 1024
_FAULTS = (OSError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_OWN_HEADERS = {
    "User-Agent": "AI-Webhook/1 (Standard Webhooks 1.0)",
    "Content-Type": "application/json",
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # nothing is decompressed: no bomb goes off
    "Connection": "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLimits:
    """Seconds. `total_s` bounds the exchange from the first DNS question to the last byte; `body_s`
    what we spend on a response body once the status is known, for it only feeds the log."""

    connect_s: float = 5.0
    total_s: float = PATIENCE_S[Lane.RETRY]
    body_s: float = 2.0


class HttpCallbackSender:
    """Sends to checked addresses only. Thread-safe: every callback has a connection of its own."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        limits: SendLimits | None = None,
        resolve: Resolver = resolve_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`allow_loopback`: the local stack only. `tls`: instead of the system's authorities."""
        self._allow_loopback = allow_loopback
        self._limits = limits or SendLimits()
        self._resolve = resolve
        self._given_tls = tls

    def send(self, callback: Callback, *, within_s: float = PATIENCE_S[Lane.RETRY]) -> Outcome:
        """POST once. Comes back within that time and the limits, whatever the receiver does."""
        target = parse_target(callback.url, allow_loopback=self._allow_loopback)
        if isinstance(target, EgressRefused):
            return DeliveryUnanswered(fault=SendFailure.REFUSED, detail=target.reason)
        deadline = ExchangeDeadline(min(within_s, self._limits.total_s))
        try:
            addresses = self._checked_addresses(target, deadline)
            if isinstance(addresses, DeliveryUnanswered):
                return addresses
            return self._exchange(callback, target, addresses, deadline)
        except _FAULTS as exc:
            return DeliveryUnanswered(fault=_fault(exc), detail=str(exc) or type(exc).__name__)

    def _checked_addresses(
        self, target: EgressTarget, deadline: ExchangeDeadline
    ) -> Sequence[str] | DeliveryUnanswered:
        addresses = checked_addresses(
            target,
            resolve=self._resolve,
            timeout_s=min(self._limits.connect_s, deadline.left()),
            allow_loopback=self._allow_loopback,
        )
        if isinstance(addresses, EgressRefused):
            return DeliveryUnanswered(fault=SendFailure.REFUSED, detail=addresses.reason)
        if not addresses:
            return DeliveryUnanswered(fault=SendFailure.CONNECT, detail="the name has no address")
        return addresses

    def _exchange(
        self,
        callback: Callback,
        target: EgressTarget,
        addresses: Sequence[str],
        deadline: ExchangeDeadline,
    ) -> Answered:
        host = target.host.encode("ascii")
        url = httpcore.URL(
            scheme=target.scheme, host=host, port=target.port, target=target.path.encode("ascii")
        )
        headers: dict[str | bytes, str | bytes] = {
            "Host": target.authority,
            "Content-Length": str(len(callback.body)),
            **_OWN_HEADERS,
            **callback.headers,
        }
        connection = httpcore.HTTPConnection(
            origin=url.origin,
            ssl_context=self._tls if target.scheme == "https" else None,
            network_backend=GuardedBackend(addresses, deadline, connect_s=self._limits.connect_s),
        )
        with (
            connection,
            connection.stream("POST", url, headers=headers, content=callback.body) as response,
        ):
            named = {name.lower(): value for name, value in response.headers}
            deadline.shorten(self._limits.body_s)
            return Answered(
                status=response.status,
                retry_after=named.get(b"retry-after", b"").decode("latin-1") or None,
                snippet=_snippet(response, encoded=b"content-encoding" in named),
            )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        if self._given_tls is not None:
            return self._given_tls
        return system_authorities()


def _snippet(response: httpcore.Response, *, encoded: bool) -> str:
    """What can be read of the body in time and size; a broken body changes no status."""
    body = bytearray()
    try:
        for chunk in response.iter_stream():
            body += chunk
            if len(body) >= RESPONSE_LIMIT:
                break
    except _FAULTS:
        pass  # the status line was the answer
    if encoded:
        return ""
    return bytes(body[:4096]).decode("utf-8", "replace")


def _fault(exc: BaseException) -> SendFailure:
    if isinstance(exc, (TimeoutError, httpcore.TimeoutException)):
        return SendFailure.TIMEOUT
    if isinstance(exc, httpcore.LocalProtocolError):
        return SendFailure.BODY
    if isinstance(exc, httpcore.ProtocolError):
        return SendFailure.PROTOCOL
    root = exc
    while root.__cause__ is not None:
        root = root.__cause__
    return SendFailure.TLS if isinstance(root, ssl.SSLError) else SendFailure.CONNECT
