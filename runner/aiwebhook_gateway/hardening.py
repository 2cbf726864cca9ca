"""Keeps the provider's keys out of reach of other processes of the same user."""

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def close_to_others() -> None:
    """On Linux /proc/<pid>/environ and mem, and ptrace, are closed to processes of the same user.
    Elsewhere only the wiped environment protects; there the agent runs as the person anyway."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(0), 0, 0, 0)


def wipe_value(name: str) -> None:
    """Overwrite a variable where the process was given it: unsetting leaves the text in the memory
    that /proc/<pid>/environ and `ps e` show. Call it before anything sets the variable anew."""
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    address = libc.getenv(name.encode())
    if address:
        ctypes.memset(address, 0, len(ctypes.string_at(address)))
