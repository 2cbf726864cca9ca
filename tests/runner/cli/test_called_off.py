"""A run that is not wanted any more while its repository is still being cloned."""

import signal
import socket
from collections.abc import Iterator

import pytest

from aiwebhook_runner.exits import RunExitCode
from tests.runner.cli.stand_in import CliRunner
from tests.runner.fake_runs_api import LEASE_LOST, FakeRunsApi

pytestmark = pytest.mark.req("T4")


@pytest.fixture
def cloning(cli: CliRunner) -> Iterator[CliRunner]:
    """In the middle of a clone from a server that takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/octo/app"
        cli.claude("answer('Never started.')", repository={"repo": address}, heartbeat_s=1)
        cli.start(AIWEBHOOK_ALLOW_LOCAL_REPOS="true")
        connection, _ = server.accept()
        with connection:
            yield cli


def test_a_drain_hands_it_back(cloning: CliRunner, api: FakeRunsApi) -> None:
    cloning.signal(signal.SIGTERM)
    assert cloning.exit_code() == RunExitCode.RELEASED
    assert api.count("release") == 1


def test_a_cancel_ends_it(cloning: CliRunner, api: FakeRunsApi) -> None:
    cloning.cancel()
    assert cloning.exit_code() == RunExitCode.RECORDED
    assert cloning.told()["error_class"] == "cancelled"


def test_a_lost_lease_ends_it_and_writes_nothing(cloning: CliRunner, api: FakeRunsApi) -> None:
    api.always["heartbeat"] = LEASE_LOST
    assert cloning.exit_code() == RunExitCode.LEASE_LOST
    assert api.count("fail") + api.count("complete") + api.count("release") == 0
