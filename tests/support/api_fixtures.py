"""Fixtures of those who call session_api: a project of its own, on one database per module. A
conftest imports them.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.commands import any_name
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Generator[str]:
    """One database for a module: projects do not see each other, which saves a copy per test."""
    with clone(postgres_server, migrated_template, any_name("session_api")) as dsn:
        yield dsn


@pytest.fixture
def driver(module_database: str) -> Generator[ApiDriver]:
    """A project with an admin key."""
    driver = ApiDriver(module_database)
    yield driver
    driver.outside.close()
