"""Every test of the notifier closes the sockets it opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notifier.sending import through_outbound


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


@pytest.fixture(params=["direct", "through outbound"])
def each_way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both ways a callback may go: `any_sender` takes the one that is chosen."""
    chosen = through_outbound.set(request.param == "through outbound")
    yield
    through_outbound.reset(chosen)
