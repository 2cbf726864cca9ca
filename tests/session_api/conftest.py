"""A caller of session_api on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.session_api import ApiDriver


@pytest.fixture
def driver(database: str) -> Iterator[ApiDriver]:
    """A project with an admin key."""
    driver = ApiDriver(database)
    yield driver
    driver.outside.close()
