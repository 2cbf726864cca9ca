"""A caller of /mcp: a project of its own, on one database per module."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.commands import any_name
from tests.support.mcp import McpClient
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Generator[str]:
    """One database for a module: projects do not see each other."""
    with clone(postgres_server, migrated_template, any_name("mcp")) as dsn:
        yield dsn


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
