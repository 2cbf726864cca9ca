"""One caller on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.commands import CommandDriver


@pytest.fixture
def driver(database: str) -> Iterator[CommandDriver]:
    """A fresh project, its key, and services on real Postgres."""
    driver = CommandDriver(database)
    yield driver
    driver.database.close()
