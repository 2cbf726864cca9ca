"""Loopback ports, bound before anybody is told of them where possible."""

import contextlib
import random
import socket

# Below what the kernel gives to outgoing connections (Linux from 32768, macOS from 49152): between
# choosing and listening, no connection can take it.
_CHOICE = range(20_000, 32_000)


def listen_on(port: int) -> socket.socket:
    """A socket that listens on `port` (0: any), so that nobody else can. Raises OSError."""
    listener = socket.socket()
    try:
        # A stack that just ended leaves connections in TIME_WAIT; they do not forbid a new one.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def free_port() -> int:
    """A port that nobody listens on right now, for a program that takes a number, not a socket.
    Chosen at random, so two callers at once hardly ever get the same.
    """
    while True:
        port = random.choice(_CHOICE)  # noqa: S311 reason: nothing secret in a port
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """True when a server could listen on the port right now."""
    with contextlib.suppress(OSError):
        listen_on(port).close()
        return True
    return False
