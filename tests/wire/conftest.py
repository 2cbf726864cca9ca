"""The world that docs/wire.md talks to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone
from tests.wire.world import World


@pytest.fixture(scope="module")
def world(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[World]:
    """A project of its own on a database of its own."""
    with clone(postgres_server, migrated_template, "wire") as dsn:
        world = World(dsn)
        yield world
        world.close()
