"""A command-line agent on a model, gone bad: under root, and as the user of a laptop."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.process.isolation import FIRST_UID, reachable_by_others
from tests.runner.cli.fake_gateway import FakeGateway
from tests.runner.cli.stand_in import CliRunner
from tests.runner.fake_runs_api import FakeRunsApi
from tests.support.hostile import (
    LAPTOP_USER,
    PYTHON_PATH,
    SYSTEM_PYTHON,
    hostile,
    needs_open_clone,
    program_of,
    reached,
)

pytestmark = [
    pytest.mark.req("T4"),
    pytest.mark.skipif(
        sys.platform != "linux"
        or os.geteuid() != 0
        or not reachable_by_others(SYSTEM_PYTHON)
        or shutil.which("git") is None,
        reason="only root becomes another user, who needs a Python that all may run",
    ),
]


@pytest.fixture
def cli(api: FakeRunsApi, gateway: FakeGateway, open_folder: Path) -> Iterator[CliRunner]:
    runner = CliRunner(api, gateway, open_folder)
    runner.python = str(SYSTEM_PYTHON)
    yield runner
    runner.close()


@pytest.mark.parametrize("user", [None, pytest.param(LAPTOP_USER, marks=needs_open_clone)])
def test_an_agent_on_a_model_reaches_no_process_and_no_secret_of_others(
    cli: CliRunner, api: FakeRunsApi, user: int | None
) -> None:
    cli.user = user
    with program_of(user or 0, SECRET="in the shell") as other:
        source = hostile(cli.bin.parent, other=other, owner=user or 0)
        cli.claude(f"init()\n{source}\nanswer(json.dumps([uid, done]))\n")
        secrets = {"GITHUB_TOKEN": "ghp-any", "ANTHROPIC_API_KEY": "sk-any"}
        assert cli.start(PYTHONPATH=PYTHON_PATH, **secrets).exit_code() == RunExitCode.RECORDED

    assert api.count("complete") == 1, api.bodies("fail")
    uid, done = json.loads(api.bodies("complete")[0]["output"]["text"])
    if user is None:
        assert (uid >= FIRST_UID, reached(done)) == (True, {})
    else:
        assert (uid, reached(done)) == (user, {"given": "the stack's"})
