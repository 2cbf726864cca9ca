"""The CPU of each part of a local stack, as the kernel accounts for its processes."""

from __future__ import annotations

from contextlib import suppress

import psutil

CLIENT, FRONT, FUNCTIONS, POSTGRES, OTHERS = PARTS = (
    "client",
    "front",
    "functions",
    "Postgres",
    "others",
)


def cpu_s() -> dict[str, float]:
    """CPU seconds that each part has used so far: the client, which is this process, and the stack,
    which are its descendants. Ended processes are not counted.
    """
    client = psutil.Process()
    spent = {**dict.fromkeys(PARTS, 0.0), CLIENT: _spent(client)}
    for process in client.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            spent[_part(process)] += _spent(process)
    return spent


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _part(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    if "aiwebhook_local.front_process" in command:
        return FRONT
    if "functions/program.py" in command:
        return FUNCTIONS
    return POSTGRES if process.name() == "postgres" else OTHERS
