"""Fixture: the whole system, as `make up` runs it, once for all journeys of a test run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aiwebhook_local.stack import StackInfo, running_stack
from tests.support.agents_user import folder_open_to_all


@pytest.fixture(scope="session")
def stack() -> Iterator[StackInfo]:
    """A running stack with a home and ports of its own."""
    with (
        folder_open_to_all() as folder,
        running_stack(home=folder / ".local", port=0) as running,
    ):
        yield running
