"""The supervisor's API: /control/*.

Whoever opens the run first owns it; the agent does not exist yet at that moment, so nobody else
can be first.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from aiohttp import web

from aiwebhook.domain.provider import KEY_OF, Provider
from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, encode, parse
from aiwebhook_gateway.ledger import UsageLedger
from aiwebhook_gateway.prices import PriceTable
from aiwebhook_gateway.run import MeteredRun, Monotonic, Terms, same_secret

_SHORTEST_TOKEN, _LONGEST_TOKEN = 16, 512
_LONGEST_LEASE_S = 86_400.0
_LARGEST_BODY = 64 * 1024
_SETTLE_TIMEOUT_S = 2.0
"""A dead agent's connections close within milliseconds, unless this machine is very busy."""


class ControlRefused(Exception):
    """The supervisor gets this status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(slots=True, kw_only=True)
class Control:
    """Opens the gateway for its one run, then answers that run's supervisor."""

    providers: Mapping[Provider, str]
    """The keys by provider; responses name the providers, never a key."""
    prices: PriceTable
    now: Monotonic
    run: MeteredRun | None = None

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer any request below /control; a refusal becomes an error response."""
        try:
            return _json(await self._answer(request))
        except ControlRefused as exc:
            error = {"code": exc.code, "message": str(exc)}
            return _json({"error": error}, exc.status)

    async def _answer(self, request: web.BaseRequest) -> JsonObject:
        match request.method, request.raw_path:
            case "GET", "/control/providers":
                return {"providers": [provider.value for provider in self.providers]}
            case "POST", "/control/open":
                return self._open(_terms(await _body(request)))
            case "POST", "/control/renew":
                run = self._owned(request)
                run.renew(_lease_s(await _body(request)))
                return run.usage()
            case "GET", "/control/usage":
                return self._owned(request).usage()
            case "POST", "/control/settle":
                return await self._settled(self._owned(request))
            case "POST", "/control/close":
                run = self._owned(request)
                run.close()
                return run.usage()
            case _:
                raise ControlRefused(404, "not_found", "the gateway has no such path")

    def _open(self, terms: Terms) -> JsonObject:
        """Idempotent for the same tokens, because the first response may have been lost."""
        if self.run:
            if not self.run.is_supervisor(terms.control_token):
                raise ControlRefused(409, "already_open", "somebody else has opened this gateway")
            if not same_secret(self.run.terms.run_token, terms.run_token):
                raise ControlRefused(409, "already_open", "this gateway serves another run")
            return self.run.usage()
        if terms.provider not in self.providers:
            name = KEY_OF[terms.provider]
            raise ControlRefused(422, "no_key", f"there is no key for this provider: set {name}")
        ledger = UsageLedger(
            provider=terms.provider.value,
            prices=self.prices,
            has_budget=bool(terms.max_cost_usd),
        )
        self.run = MeteredRun(terms=terms, ledger=ledger, now=self.now)
        self.run.renew(terms.lease_s)
        return self.run.usage()

    @staticmethod
    async def _settled(run: MeteredRun) -> JsonObject:
        """The usage once no request is under way, or as it stands after _SETTLE_TIMEOUT_S."""
        with suppress(TimeoutError):
            await asyncio.wait_for(run.ledger.idle.wait(), _SETTLE_TIMEOUT_S)
        return run.usage()

    def _owned(self, request: web.BaseRequest) -> MeteredRun:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.run is None or not self.run.is_supervisor(token):
            raise ControlRefused(401, "unauthorized", "the control token is missing or wrong")
        return self.run


def _terms(body: JsonObject) -> Terms:
    control, agent = _token(body, "control_token"), _token(body, "run_token")
    if control == agent:
        raise _invalid("control_token and run_token must differ: the agent knows one of them")
    try:
        provider = Provider(as_text(body.get("provider")))
    except ValueError:
        raise _invalid(f"provider must be one of {', '.join(Provider)}") from None
    return Terms(
        control_token=control,
        run_token=agent,
        provider=provider,
        max_cost_usd=Decimal(str(_number(body, "max_cost_usd", 0, 1_000_000))),
        lease_s=_lease_s(body),
    )


def _lease_s(body: JsonObject) -> float:
    return _number(body, "lease_s", 0.001, _LONGEST_LEASE_S)


def _token(body: JsonObject, name: str) -> str:
    token = as_text(body.get(name))
    if not _SHORTEST_TOKEN <= len(token) <= _LONGEST_TOKEN or not token.isascii():
        raise _invalid(
            f"{name} must be {_SHORTEST_TOKEN} to {_LONGEST_TOKEN} ASCII characters long"
        )
    return token


def _number(body: JsonObject, name: str, least: float, most: float) -> float:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _invalid(f"{name} must be a number from {least} to {most}")
    return value


def _invalid(message: str) -> ControlRefused:
    return ControlRefused(422, "invalid", message)


async def _body(request: web.BaseRequest) -> JsonObject:
    raw = bytearray()
    async for piece in request.content.iter_any():
        raw += piece
        if len(raw) > _LARGEST_BODY:
            raise ControlRefused(413, "too_large", f"at most {_LARGEST_BODY} bytes")
    return as_object(parse(raw))


def _json(value: JsonObject, status: int = 200) -> web.Response:
    return web.Response(body=encode(value), status=status, content_type="application/json")
