"""Processes that outlived what started them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)
"""What looking at a process raises that ends meanwhile."""


def living_in(folder: Path) -> list[str]:
    """Command lines of the processes that work below the folder or have their HOME there."""
    found: list[str] = []
    for process in psutil.process_iter():
        with suppress(*GONE):
            places = (process.cwd(), process.environ().get("HOME", ""))
            if any(Path(place).is_relative_to(folder) for place in places if place):
                found.append(" ".join(process.cmdline()))
    return found
