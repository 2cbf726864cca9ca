"""The two stores of content, each behind the same driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook.postgres.observation_store import PostgresObservationStore
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.commands import CommandDriver, open_database
from tests.support.content_store import ContentDriver, open_folder
from tests.support.postgres import clone


@pytest.fixture(scope="package")
def content_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """One for all tests: each has a project of its own."""
    with clone(postgres_server, migrated_template, "content") as dsn:
        yield dsn


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[ContentDriver]:
    """An empty folder."""
    driver = open_folder(tmp_path / "store")
    yield driver
    for each in driver.opened:
        each.close()


@pytest.fixture(params=["json", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[ContentDriver]:
    """Either store, empty."""
    if request.param == "json":
        yield request.getfixturevalue("folder")
        return
    commands = CommandDriver(request.getfixturevalue("content_database"))
    databases = [commands.database]

    def driver(*, another: bool) -> ContentDriver:
        database = open_database(commands.dsn) if another else commands.database
        databases.append(database)
        return ContentDriver(
            services=commands.twin() if another else commands.services,
            reads=PostgresObservationStore(database),
            caller=commands.caller,
            twin=lambda: driver(another=True),
        )

    yield driver(another=False)
    commands.close()
    for database in databases:
        database.close()
