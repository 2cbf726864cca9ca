"""The runner with a stand-in for Claude Code and a fake gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.cli.fake_gateway import FakeGateway
from tests.runner.cli.stand_in import CliRunner
from tests.runner.fake_runs_api import FakeRunsApi


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with FakeGateway() as fake:
        yield fake


@pytest.fixture
def cli(api: FakeRunsApi, gateway: FakeGateway, open_folder: Path) -> Iterator[CliRunner]:
    runner = CliRunner(api, gateway, open_folder)
    yield runner
    runner.close()
