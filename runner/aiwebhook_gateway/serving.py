"""A server of one process on loopback, until SIGTERM."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_GRACE_S = 0.5
"""For answers under way when the process is told to stop; the CLIs try again or are gone."""


async def serve(handler: Handler, port: int, *, with_parent: bool = False) -> None:
    """Listen on 127.0.0.1, say the port as `{"port": n}` on stdout, return at SIGTERM or SIGINT,
    and with_parent also when stdin ends. Raises OSError when the port is taken.

    A client that hangs up cancels its handler: then the request to the provider ends, too."""
    server = web.Server(handler, handler_cancellation=True, access_log=None, auto_decompress=False)
    runner = web.ServerRunner(server, shutdown_timeout=_GRACE_S)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
        sys.stdout.flush()
        if with_parent:
            loop.add_reader(sys.stdin, _look_for_the_end, stop)
        await stop.wait()
    finally:
        if with_parent:
            loop.remove_reader(sys.stdin)
        await runner.cleanup()


def _look_for_the_end(stop: asyncio.Event) -> None:
    """Whatever comes is thrown away; an end means that the parent is gone, however it died."""
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


def silence_libraries() -> None:
    """The libraries' own logs quote request lines and headers, in which tokens stand."""
    logging.disable(logging.CRITICAL)
