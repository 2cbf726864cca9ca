"""One request and its retries: the only place of the client that touches the network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlencode

from aiwebhook.client.problems import error_of_response
from aiwebhook.client.retry import DEFAULT_RETRY, NEVER_STARTED, RETRIED, RetryPolicy
from aiwebhook.client.wire import BadAddress, ClientRequest, HttpReply, NotReached, Wire, WireError
from aiwebhook.errors import AiWebhookError, Invalid, Unavailable
from aiwebhook.ids import new_id

Json = dict[str, Any]
SUCCESS, REDIRECT = 200, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCall:
    """One request. If not `repeatable`, it is not retried after a lost answer: a claim, for
    example, would claim twice.
    """

    method: str
    path: str
    body: Json | None = None
    query: Mapping[str, object] = field(default_factory=dict[str, object])
    idempotency_key: str | None = None
    repeatable: bool = True
    wait_s: float = 0.0
    """How long the server may hold the request before it answers; added to the timeout."""
    timeout_s: float | None = None
    """Replaces the client's own timeout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A success. `body` is {} if there was none (204); header names are lower case."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(repr=False)

    @property
    def replayed(self) -> bool:
        """Whether this is the stored answer of an earlier call with the same idempotency key."""
        return self.headers.get("idempotent-replay") == "true"


def _pause(seconds: float) -> None:
    """Sleep: no event would tell that the server has recovered."""
    threading.Event().wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions:
    """What a test or a load generator may want to change."""

    timeout_s: float = 30.0
    retry: RetryPolicy = DEFAULT_RETRY
    sleep: Callable[[float], None] = _pause
    exchange: Callable[[ClientRequest], HttpReply] | None = None
    """Used instead of the transport's own Wire; its owner closes it."""
    user_agent: str = "aiwebhook-client"
    reader: str | None = None
    """The conversation that replies report news to; 'none' for a program that relays no news."""
    correlation_id: str | None = None
    """Sent with every request, so that the server's log lines can be found by it."""
    before_request: Callable[[], None] = lambda: None
    """Called before each try; an error of `aiwebhook.errors` that it raises ends the call."""


class Transport:
    """Sends calls and retries them. Safe between threads, as is its Wire."""

    def __init__(self, base_url: str, token: str | None, options: TransportOptions) -> None:
        self.base_url = base_url.rstrip("/")
        self._options = options
        headers = {"User-Agent": options.user_agent, "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if options.reader is not None:
            headers["X-Reader"] = options.reader
        if options.correlation_id is not None:
            headers["X-Correlation-Id"] = options.correlation_id
        self._headers = headers
        try:
            self._wire = Wire(self.base_url)
        except BadAddress as exc:
            raise _bad_url(base_url) from exc
        self.exchange = options.exchange or self._wire.exchange
        """For other clients of the same server that shall share these connections."""

    def close(self) -> None:
        self._wire.close()

    def send(self, call: ClientCall) -> Success:
        """Send a call, with retries. Raises an error of `aiwebhook.errors` unless it succeeds."""
        key = call.idempotency_key
        if key is None and call.method not in ("GET", "HEAD"):
            # The same key on every try makes a repeated write harmless.
            key = new_id("idem")
        attempt = 0
        while True:
            attempt += 1
            outcome = self._once(call, key)
            if isinstance(outcome, Success):
                return outcome
            pause = None
            if outcome.retryable:
                pause = self._options.retry.pause(
                    attempt, retry_after_s=outcome.error.retry_after_s
                )
            if pause is None:
                raise outcome.error from outcome.cause
            self._options.sleep(pause)

    def _once(self, call: ClientCall, key: str | None) -> Success | _Failure:
        self._options.before_request()
        headers = dict(self._headers)
        if key is not None:
            headers["Idempotency-Key"] = key
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        request = ClientRequest(
            method=call.method,
            target=_target(call),
            headers=headers,
            body=None if call.body is None else _encoded(call.body),
            timeout_s=(call.timeout_s or self._options.timeout_s) + call.wait_s,
        )
        try:
            reply = self.exchange(request)
        except BadAddress as exc:
            return _Failure(error=_bad_url(self.base_url), retryable=False, cause=exc)
        except WireError as exc:
            retryable = call.repeatable or isinstance(exc, NotReached)
            return _Failure(error=_unreachable(self.base_url, exc), retryable=retryable, cause=exc)
        if SUCCESS <= reply.status < REDIRECT:
            return _outcome(reply)
        retried = RETRIED if call.repeatable else NEVER_STARTED
        error = error_of_response(reply.status, reply.headers, reply.content)
        return _Failure(error=error, retryable=reply.status in retried)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: AiWebhookError
    retryable: bool
    cause: Exception | None = None


def _outcome(reply: HttpReply) -> Success | _Failure:
    body: object = {}
    if reply.content:
        try:
            body = json.loads(reply.content)
        except ValueError as exc:
            error = error_of_response(reply.status, {}, b"")
            return _Failure(error=error, retryable=False, cause=exc)
    document = cast("Json", body) if isinstance(body, dict) else {"items": body}
    return Success(status=reply.status, body=document, headers=reply.headers)


def _target(call: ClientCall) -> str:
    query = {name: _query(value) for name, value in call.query.items() if value is not None}
    return f"{call.path}?{urlencode(query, quote_via=quote)}" if query else call.path


def _encoded(body: Json) -> bytes:
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except ValueError as exc:  # NaN, infinity, lone surrogates
        raise Invalid(f"This cannot be sent as JSON: {exc}") from exc


def _query(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return str(value)


def _unreachable(base_url: str, exc: WireError) -> Unavailable:
    return Unavailable(
        f"No answer from {base_url} ({exc}).",
        code="unreachable",
    )


def _bad_url(base_url: str) -> Unavailable:
    return Unavailable(
        f"{base_url!r} is no HTTP address.",
        code="unreachable",
        remedy="Give an address such as http://127.0.0.1:8787.",
    )
