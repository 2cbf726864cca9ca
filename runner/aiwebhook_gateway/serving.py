"""A server of one process on loopback, until SIGTERM."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

_READ_BUFFER = 1024 * 1024
"""Large enough that most conversations are read without pausing the socket."""

WebHandler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_GRACE_S = 0.5
"""Seconds for answers under way at a stop; afterwards the CLIs retry, or are gone."""


@asynccontextmanager
async def listening(handler: WebHandler, port: int) -> AsyncGenerator[int]:
    """Serves on 127.0.0.1 while the context lasts; yields the port. Raises OSError. A client that
    disconnects cancels its handler, and with it the request to the provider.
    """
    server = web.Server(
        handler,
        handler_cancellation=True,
        access_log=None,
        auto_decompress=False,
        read_bufsize=_READ_BUFFER,
    )
    runner = web.ServerRunner(server, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def serve_until_stopped(handler: WebHandler, port: int, *, with_parent: bool = False) -> None:
    """Print the port as `{"port": n}` on stdout; serve until SIGTERM or SIGINT, and with_parent
    also until stdin ends. Raises OSError when the port is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with listening(handler, port) as taken:
        sys.stdout.write(json.dumps({"port": taken}) + "\n")
        sys.stdout.flush()
        if with_parent:
            loop.add_reader(sys.stdin, _stop_at_end_of_input, stop)
        await stop.wait()
        if with_parent:
            loop.remove_reader(sys.stdin)


def _stop_at_end_of_input(stop: asyncio.Event) -> None:
    """Discard any input; its end means that the parent is gone, however it died."""
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


def silence_libraries() -> None:
    """The libraries' own logs quote request lines and headers, which contain tokens."""
    logging.disable(logging.CRITICAL)
