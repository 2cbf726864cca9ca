"""A caller of /mcp: a project of its own, on one database per module."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.support.api_fixtures import module_database
from tests.support.mcp import McpClient
from tests.support.session_api import ApiDriver

__all__ = ["module_database"]


@pytest.fixture(scope="module")
def driver(module_database: str) -> Generator[ApiDriver]:
    """A project with an admin key."""
    driver = ApiDriver(module_database)
    yield driver
    driver.outside.close()


@pytest.fixture(scope="module")
def client(driver: ApiDriver) -> McpClient:
    """A client of the older era; all tests of the module are one connection."""
    return McpClient(driver=driver)


@pytest.fixture
def alone(driver: ApiDriver) -> McpClient:
    """A client in a project of its own."""
    return McpClient(driver=driver.other_project())
