"""Whose CPU a local stack takes, by the kernel's account of its processes."""

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
    """Seconds of CPU that each part has used so far: this process, which is the client, and what
    descends from it, which is the stack. A part of it that has ended is not counted.
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
