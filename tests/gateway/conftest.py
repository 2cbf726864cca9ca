"""One scripted provider for all tests of a file, a gateway for each test."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.llm_gateway import (
    Served,
    ServedProcess,
    gateway_in_thread,
    running_gateway,
    running_scripted,
)

StartGateway = Callable[..., Served]


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServedProcess]:
    with running_scripted(tmp_path_factory.mktemp("scripted")) as served:
        yield served


@pytest.fixture
def gateway(scripted: Served) -> Generator[Served]:
    with gateway_in_thread(scripted.url) as served:
        yield served


@pytest.fixture
def gateway_process(tmp_path: Path, scripted: Served) -> Generator[ServedProcess]:
    with running_gateway(tmp_path, scripted.url) as served:
        yield served


@pytest.fixture
def start_gateway() -> Generator[StartGateway]:
    with ExitStack() as stack:

        def start(upstream: str, **env: str) -> Served:
            return stack.enter_context(gateway_in_thread(upstream, **env))

        yield start
