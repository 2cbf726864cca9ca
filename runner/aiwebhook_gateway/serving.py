"""A server of one process on loopback, until SIGTERM."""

import asyncio
import json
import logging
import signal
import sys

from aiohttp import web

_GRACE_S = 0.5
"""For answers under way when the process is told to stop; the CLIs try again or are gone."""


async def serve(app: web.Application, port: int) -> None:
    """Listen on 127.0.0.1, say the port as `{"port": n}` on stdout, return at SIGTERM or SIGINT.
    Raises OSError when the port is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # A client that hangs up cancels its handler: then the request to the provider ends, too.
    runner = web.AppRunner(
        app, handler_cancellation=True, access_log=None, shutdown_timeout=_GRACE_S
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def silence_libraries() -> None:
    """The libraries' own logs quote request lines and headers, in which tokens stand."""
    logging.disable(logging.CRITICAL)
