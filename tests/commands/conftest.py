"""One caller in a project of its own, on a database that all these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.commands import CommandDriver
from tests.support.postgres import clone


@pytest.fixture(scope="package")
def shared_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Projects keep apart what tests do; a database per test would only cost time."""
    with clone(postgres_server, migrated_template, "commands") as dsn:
        yield dsn


@pytest.fixture
def driver(shared_database: str) -> Iterator[CommandDriver]:
    """A fresh project, its key, and services on real Postgres."""
    driver = CommandDriver(shared_database)
    yield driver
    driver.close()


@pytest.fixture
def stranger(shared_database: str) -> Iterator[CommandDriver]:
    """Somebody of another project."""
    stranger = CommandDriver(shared_database)
    yield stranger
    stranger.close()
