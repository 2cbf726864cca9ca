"""Fixture: the whole system, as `make up` runs it, once for all journeys of a test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook_local.stack import StackInfo, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackInfo]:
    """A running stack with a home and ports of its own."""
    home: Path = tmp_path_factory.mktemp("stack") / ".local"
    with running_stack(home=home, port=0) as running:
        yield running
