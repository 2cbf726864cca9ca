"""What a run is given: the server's answer and the runner's class are one definition."""

from dataclasses import fields

import pytest

from aiwebhook.domain import run as answered
from aiwebhook.domain.run import LeasedTask, RunInputUnreadable
from aiwebhook.ports.queue_rows import RunWork
from session_api.run_schemas import RunInputResult
from tests.runner.fake_runs_api import any_run_input

pytestmark = pytest.mark.req("T3")


def names_of(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


def test_queue_answer_document_and_runner_have_the_same_fields() -> None:
    wire = names_of(answered.RunInput)
    assert names_of(answered.RunTask) < wire
    assert set(RunInputResult.model_fields) == wire
    assert names_of(LeasedTask) == wire
    assert names_of(RunWork) - {"checkpoint_sha256"} == wire - {"lease_token", "heartbeat_s"}


def test_an_older_deployment_is_understood_and_a_newer_one_too() -> None:
    run = LeasedTask.from_json(any_run_input(of_tomorrow=1))
    assert (run.attempt, run.max_cost_usd, run.repository, run.checkpoint) == (1, None, None, None)


@pytest.mark.parametrize("name", ["task_id", "lease_token", "lease_epoch", "agent", "input"])
def test_an_answer_without_what_a_run_needs_is_none(name: str) -> None:
    answer = any_run_input()
    del answer[name]
    with pytest.raises(RunInputUnreadable):
        LeasedTask.from_json(answer)
