"""CallbackSender over httpcore.

httpcore rather than httpx above it: it follows no redirect, reads no proxy variable and
decompresses nothing, by construction; its network backend is public; and it imports in
half the time.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import httpcore

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.egress import EgressRefused, EgressTarget, parse_target
from aiwebhook.domain.lane import PATIENCE_S, Lane
from aiwebhook.outbound.guarded_network import (
    FAULTS,
    ExchangeDeadline,
    GuardedNetwork,
    Resolver,
    authorities,
    resolve_addresses,
    url_of,
)
from aiwebhook.ports.deliveries import Callback

RESPONSE_LIMIT = 64 * 1024
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
        self._limits = limits or SendLimits()
        self._network = GuardedNetwork(
            allow_loopback=allow_loopback,
            connect_s=self._limits.connect_s,
            resolve=resolve,
            tls=authorities(tls),
        )

    def send(self, callback: Callback, *, within_s: float = PATIENCE_S[Lane.RETRY]) -> SendOutcome:
        """POST once. Comes back within that time and the limits, whatever the receiver does."""
        target = parse_target(callback.url, allow_loopback=self._network.allow_loopback)
        if isinstance(target, EgressRefused):
            return DeliveryUnanswered(fault=SendFailure.REFUSED, detail=target.reason)
        deadline = ExchangeDeadline(min(within_s, self._limits.total_s))
        try:
            connection = self._network.connection(target, deadline)
            if isinstance(connection, EgressRefused):
                return DeliveryUnanswered(fault=SendFailure.REFUSED, detail=connection.reason)
            return self._exchange(callback, target, connection, deadline)
        except FAULTS as exc:
            return DeliveryUnanswered(fault=_fault(exc), detail=str(exc) or type(exc).__name__)

    def _exchange(
        self,
        callback: Callback,
        target: EgressTarget,
        connection: httpcore.HTTPConnection,
        deadline: ExchangeDeadline,
    ) -> Answered:
        url = url_of(target)
        headers: dict[str | bytes, str | bytes] = {
            "Host": target.authority,
            "Content-Length": str(len(callback.body)),
            **_OWN_HEADERS,
            **callback.headers,
        }
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


def _snippet(response: httpcore.Response, *, encoded: bool) -> str:
    """What can be read of the body in time and size; a broken body changes no status."""
    body = bytearray()
    try:
        for chunk in response.iter_stream():
            body += chunk
            if len(body) >= RESPONSE_LIMIT:
                break
    except FAULTS:
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
