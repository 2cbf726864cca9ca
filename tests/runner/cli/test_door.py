"""The way to a model through a gateway that is slow to answer, or gone."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import pytest

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.adapters import AgentCannotStart
from aiwebhook_runner.model import gateway_process
from aiwebhook_runner.model.gateway_client import GatewayAway
from aiwebhook_runner.model.gateway_process import GatewayProcess
from aiwebhook_runner.model.model_door import AccessRequest, RunGateway
from aiwebhook_runner.process import spawn
from aiwebhook_runner.settings import REQUIRED, RunnerSettings
from tests.runner.cli.fake_gateway import FakeGateway

pytestmark = pytest.mark.req("T4")

ASKED = AccessRequest(provider="anthropic", max_cost_usd=0, heartbeat_s=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """Stands for a gateway that was started as our child."""

    at: str
    lives: bool
    pid: int = 0

    def url(self) -> str:
        """Where the fake gateway listens."""
        return self.at

    def close(self) -> None:
        """Nothing to end."""


Started = Callable[[bool], RunGateway]


@pytest.fixture
def started(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """Our end of a child, which lives on or does not."""
    ours: list[RunGateway] = []
    settings = RunnerSettings.from_env(dict.fromkeys(REQUIRED, "any"))

    def start(lives: bool) -> RunGateway:
        def child(_environment: Mapping[str, str], _log: JsonLog) -> Child:
            return Child(at=gateway.url, lives=lives)

        monkeypatch.setattr(gateway_process, "GatewayProcess", child)
        ours.append(RunGateway(settings, JsonLog(service="runner", stream=io.StringIO())))
        ours[-1].come_up()
        return ours[-1]

    yield start
    for each in ours:
        each.close()


def test_a_child_that_was_too_busy_to_answer_is_asked_again(
    started: Started, gateway: FakeGateway
) -> None:
    gateway.lost.append("/control/open")
    door = started(True).open(ASKED)
    assert door.access.token == gateway.opened[0]["run_token"]


def test_a_child_that_has_ended_is_not_waited_for(started: Started, gateway: FakeGateway) -> None:
    gateway.lost += ["/control/open"] * 2
    with pytest.raises(AgentCannotStart, match="does not answer") as refused:
        started(False).open(ASKED)
    assert refused.value.error_class is ErrorClass.NETWORK
    assert gateway.lost == ["/control/open"], "asked once"


def test_a_child_that_dies_while_it_starts_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spawn, "__file__", "/nonexistent")
    child = GatewayProcess({}, JsonLog(service="runner", stream=io.StringIO()))
    with closing(child), pytest.raises(GatewayAway, match="did not come up"):
        child.url()
