"""One running stack for all journeys, a project and a receiver of callbacks for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook_local.postgres import free_port
from aiwebhook_local.stack import StackInfo, running_stack
from tests.support.receiver import Receiver, running_receiver
from tests.support.tenant import Tenant, tenant


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackInfo]:
    """The whole system, as `make up` runs it."""
    home: Path = tmp_path_factory.mktemp("stack") / ".local"
    with running_stack(home=home, port=free_port()) as running:
        yield running


@pytest.fixture
def project(stack: StackInfo) -> Iterator[Tenant]:
    """A project that no other journey sees."""
    with tenant(stack) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody's server."""
    with running_receiver() as running:
        yield running
