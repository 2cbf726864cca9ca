"""The gateway's server: the supervisor's API, the agent's API, and a log line for each request."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from aiwebhook.json_log import JsonLog
from aiwebhook_gateway.control import Control
from aiwebhook_gateway.metering.tally import TokenCounts
from aiwebhook_gateway.prices import price_table
from aiwebhook_gateway.proxy import AgentRefused, Passed, Proxy, refusal_response
from aiwebhook_gateway.run import Monotonic
from aiwebhook_gateway.settings import GatewaySettings
from aiwebhook_gateway.tls import tls_context

_CONTROL = "/control/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One handler for everything; no router, whose reading of a path could differ from ours."""

    control: Control
    proxy: Proxy
    log: JsonLog
    now: Monotonic

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers every request; an error of ours becomes a 500 without its text."""
        if request.raw_path.startswith(_CONTROL):
            return await self.control.handle(request)
        started, passed = self.now(), Passed()
        try:
            return await self.proxy.handle(request, self.control.run, passed)
        except asyncio.CancelledError:
            passed.status = 499
            raise
        except ConnectionError:
            passed.status = 499
            return web.Response(status=499)
        except Exception as exc:  # noqa: BLE001 reason: a bug must not show a traceback with a token in it
            self.log.info("request failed", error=type(exc).__name__)
            passed.status = 500
            return refusal_response(None, AgentRefused(500, "gateway_error", "The gateway failed."))
        finally:
            self._record(request, passed, started)

    def _record(self, request: web.BaseRequest, passed: Passed, started: float) -> None:
        tokens = passed.exchange.meter.estimate if passed.exchange else TokenCounts()
        method = request.method if request.method in _METHODS else "other"
        self.log.info(
            "model call",
            method=method,
            door=passed.door,
            status=passed.status,
            ms=round((self.now() - started) * 1000),
            input_tokens=tokens.input,
            output_tokens=tokens.output,
        )


_METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT")


@asynccontextmanager
async def gateway(
    settings: GatewaySettings, log: JsonLog, now: Monotonic = time.monotonic
) -> AsyncGenerator[Gateway]:
    """The gateway with its connections to the providers."""
    timeout = aiohttp.ClientTimeout(
        total=None, sock_connect=settings.connect_s, sock_read=settings.silence_s
    )
    connector = aiohttp.TCPConnector(limit=0, ssl=tls_context())
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
    ) as session:
        yield Gateway(
            control=Control(providers=settings.keys, prices=price_table(), now=now),
            proxy=Proxy(session=session, keys=settings.keys, origins=settings.origins),
            log=log,
            now=now,
        )
