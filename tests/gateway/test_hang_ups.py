"""An agent that hangs up pays for what its provider answered, at whatever moment it does.

Such a moment is shorter than a turn of the event loop, so the writer to the agent is ours.
"""

from __future__ import annotations

import asyncio
import io
import json
import socket
import struct
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import ClientConnectionResetError, StreamReader
from aiohttp.abc import AbstractStreamWriter
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from aiwebhook.domain.provider import Provider
from aiwebhook.json_log import JsonLog
from aiwebhook_gateway.gateway import gateway
from aiwebhook_gateway.ledger import UsageLedger
from aiwebhook_gateway.prices import price_table
from aiwebhook_gateway.run import MeteredRun, Terms
from aiwebhook_gateway.settings import GatewaySettings
from tests.gateway.asking import ANTHROPIC, DIALECTS, Dialect, posting, streaming
from tests.support.llm_gateway import CONTROL_TOKEN, RUN_TOKEN, Served, gateway_env
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T4")

MOMENTS = ("write_headers", "write", "write_eof")


class HungUp(AbstractStreamWriter):
    """To an agent that is gone when the writer's method of this name is called."""

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.reached = False

    def _look(self, moment: str) -> None:
        if moment == self.moment:
            self.reached = True
            raise ClientConnectionResetError("Cannot write to closing transport")

    async def write_headers(self, status_line: str, headers: object) -> None:  # noqa: ARG002  reason: the base's
        self._look("write_headers")

    async def write(self, chunk: object) -> None:  # noqa: ARG002  reason: the base's
        self._look("write")

    async def write_eof(self, chunk: object = b"") -> None:  # noqa: ARG002  reason: the base's
        self._look("write_eof")

    async def drain(self) -> None:
        """Nothing is kept."""

    def enable_chunking(self) -> None:
        """Nothing is sent."""

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """Nothing is sent."""


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize("moment", MOMENTS)
def test_an_answer_is_metered_whenever_the_agent_hangs_up(
    scripted: Served, dialect: Dialect, moment: str
) -> None:
    writer = HungUp(moment)
    usage = asyncio.run(asked(scripted, dialect, writer))
    assert writer.reached
    assert usage["requests"] == 1
    assert usage["input_tokens"] > 0
    assert usage["cost_usd"] > 0
    assert usage["last_error"] is None, "the provider is not to blame"
    if moment == "write_eof":
        counted = (usage["input_tokens"], usage["output_tokens"], usage["estimated"])
        assert counted == (1000, 50, False), "its answer was whole"


async def asked(scripted: Served, dialect: Dialect, writer: AbstractStreamWriter) -> Any:
    """The usage after one request whose answer goes to this writer."""
    settings = GatewaySettings.from_env(gateway_env(scripted.url))
    body = json.dumps(dialect.body("hi")).encode()
    payload = StreamReader(
        BaseProtocol(asyncio.get_running_loop()), 2**16, loop=asyncio.get_running_loop()
    )
    payload.feed_data(body)
    payload.feed_eof()
    request = make_mocked_request(
        "POST",
        f"/{dialect.provider}{dialect.path}",
        headers={**dialect.headers(), "content-length": str(len(body))},
        payload=payload,
        writer=writer,
    )
    async with gateway(settings, JsonLog(service="gateway", stream=io.StringIO())) as opened:
        run = opened.control.run = a_run(Provider(dialect.provider))
        await opened.handle(request)
    return run.usage()


def a_run(provider: Provider) -> MeteredRun:
    terms = Terms(
        control_token=CONTROL_TOKEN,
        run_token=RUN_TOKEN,
        provider=provider,
        max_cost_usd=Decimal(0),
        lease_s=60,
    )
    ledger = UsageLedger(provider=provider.value, prices=price_table(), has_budget=False)
    run = MeteredRun(terms=terms, ledger=ledger, now=lambda: 0.0)
    run.renew(60)
    return run


def test_before_the_answer_the_request_is_counted(gateway: Served, scripted: Served) -> None:
    gateway.open()
    length = ask_and_hang_up(gateway, scripted, "[[scenario:hang]]" + "x" * 4000)
    usage = gateway.control("settle", {})
    assert usage["estimated"]
    assert usage["models"].keys() == {ANTHROPIC.model}, "named by the request"
    assert usage["input_tokens"] == length // 4


def test_the_last_usage_waits_for_what_is_under_way(gateway: Served) -> None:
    gateway.open()
    with ThreadPoolExecutor(1) as pool:
        with stalled(gateway):
            settled = pool.submit(gateway.control, "settle", {})
            with pytest.raises(TimeoutError):
                settled.result(0.2)
        usage = settled.result(20)
    assert usage["estimated"], "with what the hang-up left"
    assert usage == gateway.usage()


def test_what_goes_on_is_not_waited_for_long(gateway: Served) -> None:
    gateway.open()
    with stalled(gateway):
        assert gateway.control("settle", {})["input_tokens"] == 1000


@contextmanager
def stalled(gateway: Served) -> Generator[None]:
    """An answer is under way meanwhile; then its agent hangs up."""
    with streaming(gateway, ANTHROPIC, "[[scenario:stall]]") as answer:
        pieces = answer.iter_bytes()  # without a name it would be closed, and the answer with it
        next(pieces)
        yield


def ask_and_hang_up(gateway: Served, scripted: Served, prompt: str) -> int:
    """As a killed process does: with its request at the provider, and no answer yet. Returns the
    length of the request's body."""
    body = json.dumps(ANTHROPIC.body(prompt)).encode()
    host, port = gateway.url.removeprefix("http://").split(":")
    seen = len(scripted.seen())
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(posting("/anthropic/v1/messages", body=body))
        eventually(lambda: len(scripted.seen()) > seen)
        # A reset, as of a killed process with unread data.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return len(body)
