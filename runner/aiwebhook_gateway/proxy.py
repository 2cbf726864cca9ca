"""The agent's API: passes requests on to the run's one provider, and meters the answers."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import web
from yarl import URL

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.provider import Provider
from aiwebhook_gateway import headers
from aiwebhook_gateway.faults import ModelError, read_error, read_fault
from aiwebhook_gateway.jsons import encode
from aiwebhook_gateway.ledger import Exchange
from aiwebhook_gateway.metering.meter import Meter
from aiwebhook_gateway.providers import APIS, Door
from aiwebhook_gateway.run import MeteredRun

_TARGET = re.compile(r"/(?P<provider>[a-z]+)(?P<path>/[^?#]*)(\?(?P<query>[^#]*))?")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_ERROR = 256 * 1024
_JSON_TYPE = "application/json"


class AgentRefused(Exception):
    """The agent gets this error, in its provider's format."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """A request that may be passed on."""

    door: Door
    url: URL
    model: str


@dataclass(slots=True, kw_only=True)
class Passed:
    """How a request ended, for the log."""

    door: str = "-"
    status: int = 0
    exchange: Exchange | None = None


Origins: TypeAlias = Mapping[Provider, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Between the agent and its provider. `session` follows no redirect and keeps no cookie."""

    session: aiohttp.ClientSession
    keys: Mapping[Provider, str]
    origins: Origins

    async def handle(
        self, request: web.BaseRequest, run: MeteredRun | None, passed: Passed
    ) -> web.StreamResponse:
        """Any request below a provider's prefix."""
        target = _TARGET.fullmatch(request.raw_path)
        provider = _provider(target["provider"] if target else "")
        try:
            run, upstream_request = self._admit(request, run, target)
            passed.door = upstream_request.door.name
            return await self._pass_on(request, run, upstream_request, passed)
        except AgentRefused as exc:
            passed.status = exc.status
            return refusal_response(provider, exc)

    def _admit(
        self,
        request: web.BaseRequest,
        run: MeteredRun | None,
        target: re.Match[str] | None,
    ) -> tuple[MeteredRun, ProviderRequest]:
        """Raises AgentRefused."""
        if run is None:
            raise AgentRefused(403, "not_open", "No run has been opened at this gateway.")
        query = parse_qsl((target["query"] if target else None) or "")
        if not any(run.is_agent(token) for token in _credentials(request, query)):
            raise AgentRefused(401, "wrong_token", "This is not the token of this run.")
        if target is None or target["provider"] != run.terms.provider:
            raise AgentRefused(404, "not_passed_on", "The gateway does not pass this on.")
        upstream_request = self._find(request, run.terms.provider, target["path"], query)
        refusal = run.refusal()
        if refusal:
            run.refused(refusal)
            raise AgentRefused(refusal.status, refusal.code, refusal.message)
        return run, upstream_request

    def _find(
        self, request: web.BaseRequest, provider: Provider, path: str, query: list[tuple[str, str]]
    ) -> ProviderRequest:
        for door in APIS[provider].doors:
            found = door.path.fullmatch(path) if door.method == request.method else None
            if found is None:
                continue
            kept = [(name, value) for name, value in query if _allowed(door, name, value)]
            if door.must and door.must not in kept:
                break
            if request.body_exists and request.content_type != _JSON_TYPE:
                raise AgentRefused(400, "not_json", f"The body must be {_JSON_TYPE}.")
            address = f"{self.origins[provider]}{path}" + (f"?{urlencode(kept)}" if kept else "")
            model = found.groupdict().get("model", "")
            return ProviderRequest(door=door, url=URL(address, encoded=True), model=model)
        raise AgentRefused(404, "not_passed_on", "The gateway does not pass this on.")

    async def _pass_on(
        self,
        request: web.BaseRequest,
        run: MeteredRun,
        upstream_request: ProviderRequest,
        passed: Passed,
    ) -> web.StreamResponse:
        """The exchange is closed however this ends, also when the agent disconnects."""
        meter = Meter(upstream_request.door.count or _free, model=upstream_request.model)
        exchange = (
            run.ledger.opened(meter) if upstream_request.door.count else Exchange(meter=meter)
        )
        passed.exchange = exchange
        answered = True  # also when the agent disconnects first: the provider has the request
        try:
            async with self._request(request, run, upstream_request, meter) as upstream:
                passed.status = upstream.status
                answered = upstream.status < 300
                if not answered:
                    return await self._failed(run, upstream)
                run.ledger.last_error = None
                return await _stream(request, run, upstream, exchange)
        except (aiohttp.ClientError, TimeoutError) as exc:
            answered = False
            run.ledger.last_error = error = _network_error(exc)
            passed.status = error.status
            if isinstance(exc, aiohttp.ClientConnectorError | TimeoutError):
                raise AgentRefused(error.status, "provider_unreachable", error.message) from exc
            return _cut(request, web.Response())  # broken off there, so broken off here
        finally:
            if upstream_request.door.count:
                run.ledger.closed(exchange, answered=answered)
                _note_fault(run, meter)

    def _request(
        self,
        request: web.BaseRequest,
        run: MeteredRun,
        upstream_request: ProviderRequest,
        meter: Meter,
    ) -> "aiohttp.client._RequestContextManager":  # pyright: ignore[reportPrivateUsage]  # its only name
        provider = run.terms.provider
        sent = headers.to_provider(request.headers.items())
        name, value = APIS[provider].credential(self.keys[provider])
        sent[name] = value
        return self.session.request(
            upstream_request.door.method,
            upstream_request.url,
            headers=sent,
            data=_body(request, meter) if request.body_exists else None,
            allow_redirects=False,
        )

    async def _failed(self, run: MeteredRun, upstream: aiohttp.ClientResponse) -> web.Response:
        """Errors are short: read whole, classified, and stripped of our key, which some quote."""
        if upstream.status < 400:
            raise AgentRefused(502, "redirect", "The provider answered with a redirect.")
        body = bytearray()
        async for piece in upstream.content.iter_any():
            body += piece
            if len(body) > _LONGEST_ERROR:
                break
        key = self.keys[run.terms.provider].encode()
        clean = bytes(body).replace(key, b"[key]")
        run.ledger.last_error = read_error(upstream.status, clean)
        back = headers.to_agent(upstream.headers.items())
        return web.Response(status=upstream.status, headers=back, body=clean)


def refusal_response(provider: Provider | None, exc: AgentRefused) -> web.Response:
    """The error in the provider's format; Anthropic's if there is none."""
    body = APIS[provider or Provider.ANTHROPIC].error(exc.status, exc.code, str(exc))
    # Some clients decide by this header whether to retry, whatever the status.
    again = {} if exc.status >= 500 else {"x-should-retry": "false"}
    return web.Response(
        status=exc.status, body=encode(body), content_type=_JSON_TYPE, headers=again
    )


async def _stream(
    request: web.BaseRequest, run: MeteredRun, upstream: aiohttp.ClientResponse, exchange: Exchange
) -> web.StreamResponse:
    """Pass every piece on as it comes. If the run must stop or the provider breaks off, abort the
    connection, so that the agent sees a broken answer rather than a short one. An agent that
    disconnects is charged for what it received, and no error is recorded.
    """
    meter = exchange.meter
    meter.begins(upstream.headers.get("Content-Type", ""))
    response = web.StreamResponse(
        status=upstream.status, headers=headers.to_agent(upstream.headers.items())
    )
    try:
        await response.prepare(request)
        async for piece in upstream.content.iter_any():
            meter.received(piece)
            run.ledger.moved(exchange)
            refusal = None if meter.tally.complete else run.refusal()
            if refusal:
                run.refused(refusal)
                return _cut(request, response)
            await response.write(piece)
        meter.ended()
        await response.write_eof()
    except ConnectionError:  # raised by writes only: some CLIs do not wait for the end
        return _cut(request, response)
    except (aiohttp.ClientError, TimeoutError) as exc:
        run.ledger.last_error = _network_error(exc)
        return _cut(request, response)
    return response


def _cut(request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return response


async def _body(request: web.BaseRequest, meter: Meter) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_any():
        meter.sent(piece)
        yield piece


def _credentials(request: web.BaseRequest, query: list[tuple[str, str]]) -> list[str]:
    bearer = [
        value.removeprefix("Bearer ") for value in request.headers.getall("Authorization", [])
    ]
    keys = (*request.headers.getall("x-api-key", []), *request.headers.getall("x-goog-api-key", []))
    return [*bearer, *keys, *(value for name, value in query if name == "key")]


def _allowed(door: Door, name: str, value: str) -> bool:
    allowed = (door.query or {}).get(name)
    if allowed is None:
        return False
    return value in allowed if allowed else _PLAIN_NAME.fullmatch(value) is not None


def _provider(prefix: str) -> Provider | None:
    return Provider(prefix) if prefix in set(Provider) else None


def _network_error(exc: Exception) -> ModelError:
    """Without the exception's text, which contains addresses."""
    if isinstance(exc, TimeoutError):
        return ModelError(
            status=504, error_class=ErrorClass.NETWORK, message="The provider fell silent."
        )
    return ModelError(
        status=502,
        error_class=ErrorClass.NETWORK,
        message=f"The provider could not be reached, or broke off ({type(exc).__name__}).",
    )


def _note_fault(run: MeteredRun, meter: Meter) -> None:
    if meter.tally.fault:
        run.ledger.last_error = read_fault(meter.tally.fault)


def _free(_tally: object, _event: object) -> None:
    """Meters requests that cost nothing."""
