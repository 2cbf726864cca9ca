"""The door for language models, driven as relay's tests drive it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.relay.conftest import driver, log, relay
from tests.support.postgres import clone

__all__ = ["driver", "log", "relay"]


@pytest.fixture(scope="package")
def shared_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Projects keep apart what tests do."""
    with clone(postgres_server, migrated_template, "door") as dsn:
        yield dsn
