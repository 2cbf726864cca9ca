"""Closes Hypercorn's connections when the client has closed them.

Hypercorn keeps the descriptor of such a connection until the keep-alive time has passed, because it
waits for its idle timer.
"""

import importlib
from typing import Any

_server: Any = importlib.import_module("hypercorn.asyncio.tcp_server").TCPServer
_read_data: Any = _server._read_data
_idle_timeout: Any = _server._idle_timeout


def close_with_the_client() -> None:
    """Call once, before the server starts."""
    _server._read_data = _read_then_close
    _server._idle_timeout = _wait_unless_closed


async def _read_then_close(server: Any) -> None:
    await _read_data(server)
    server.writer.close()
    await server.idle_task.stop()


async def _wait_unless_closed(server: Any) -> None:
    # When a request in progress ends, it starts the timer again.
    if not server.writer.is_closing():
        await _idle_timeout(server)
