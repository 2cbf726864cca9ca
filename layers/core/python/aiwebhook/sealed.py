"""Secrets from process to process, where others of the same user cannot read them.

/proc shows the environment and the memory of a process to every other of its user, unless it is
not dumpable, and a program is dumpable when it begins. So a parent hands no secret over by
environment or argument, but by a socket, which the child reads once it has closed itself. (Not a
pipe: /proc/<pid>/fd opens the pipes of others, too.) Linux; elsewhere others cannot be shut out.

The local stack's emulator gives this file's text to its function processes: standard library only.
"""

import contextlib
import ctypes
import json
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

SEALED = "AIWEBHOOK_SEALED"
"""The number of the socket; no secret itself."""

_PR_SET_DUMPABLE = 4


def close_to_others() -> None:
    """No other process of this user reads our environment or memory, or traces us, from now on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(0), 0, 0, 0)


def seal(variables: Mapping[str, str]) -> socket.socket:
    """A socket from which a child, started with it and its number as `SEALED`, reads the variables
    once. Close it when the child has started."""
    text = json.dumps(dict(variables)).encode()
    ours, theirs = socket.socketpair()
    with ours:
        # All of it lies in the socket before anybody reads: nobody has to be waited for.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(text) + 4096)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * len(text) + 4096)
        ours.settimeout(1)
        ours.sendall(text)
    return theirs


def unseal() -> None:
    """Close this process to others, then put what its parent has sealed, if it did, into the
    environment. Call it first of all, before modules that take time are imported."""
    close_to_others()
    number = os.environ.pop(SEALED, None)
    if number is None:
        return
    with socket.socket(fileno=int(number)) as given:
        parts = iter(lambda: given.recv(65536), b"")
        os.environ.update(json.loads(b"".join(parts)))


def forget(names: Iterable[str]) -> None:
    """Take secrets that came by environment out of it, also where the kernel still shows them:
    unsetenv leaves the text in the memory behind /proc/<pid>/environ."""
    for name in names:
        if os.environ.pop(name, None):
            _overwrite(name)


def replace_environment(variables: Mapping[str, str]) -> None:
    """The same for all of it; afterwards there are these variables and no others."""
    forget(tuple(os.environ))
    os.environ.update(variables)


def _overwrite(name: str) -> None:
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, ValueError, IndexError):
        stat = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
        fields = stat.rpartition(")")[2].split()
        start, end = int(fields[47]), int(fields[48])  # env_start and env_end, man proc(5)
        region = ctypes.string_at(start, end - start)
        key = name.encode() + b"="
        offset = 0
        for entry in region.split(b"\0"):
            if entry.startswith(key):
                ctypes.memset(start + offset + len(key), 0, len(entry) - len(key))
            offset += len(entry) + 1
