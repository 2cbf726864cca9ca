"""Followers of events: clients of both eras in a project of their own."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from session_api.mcp.eras import MODERN
from tests.support.commands import any_name
from tests.support.follower import Follower
from tests.support.mcp import McpClient
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Generator[str]:
    """One database for a module: projects do not see each other."""
    with clone(postgres_server, migrated_template, any_name("events")) as dsn:
        yield dsn


@pytest.fixture
def driver(module_database: str) -> Generator[ApiDriver]:
    """A project with an admin key."""
    driver = ApiDriver(module_database)
    yield driver
    driver.outside.close()


@pytest.fixture
def client(driver: ApiDriver) -> McpClient:
    """A client of 2026-07-28."""
    return McpClient(driver=driver, version=MODERN)


@pytest.fixture
def follower(driver: ApiDriver) -> Follower:
    """A client with a receiver of its own."""
    return Follower(driver=driver)
