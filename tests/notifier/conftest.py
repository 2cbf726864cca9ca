"""Every test of the notifier closes the sockets it opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_sockets_left() -> Iterator[None]:
    """A callback closes what it opened, however it ends."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        yield
        return
    before = sockets_in(descriptors)
    yield
    assert sockets_in(descriptors) <= before


def sockets_in(descriptors: Path) -> int:
    def is_socket(entry: Path) -> bool:
        try:
            return os.readlink(entry).startswith("socket:")  # noqa: PTH115 - Path.readlink resolves "socket:[1]" badly
        except FileNotFoundError:
            return False

    return sum(is_socket(entry) for entry in descriptors.iterdir())
