"""How a run that a worker has claimed completes: by the worker, or by itself."""

import io
import json
from queue import SimpleQueue
from typing import Any

import pytest

from aiwebhook.client import TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.client.wire import ClientRequest, HttpReply
from aiwebhook.errors import LeaseLost, MessagesWaiting
from aiwebhook_runner.lease.delegated_completion import Answers, DelegatedRun
from tests.worker.conftest import Workshop
from tests.worker.test_worker import GATED

pytestmark = pytest.mark.req("T8")


@pytest.mark.parametrize("completes_many", [True, False], ids=["newer", "older"])
def test_a_run_that_ended_is_completed_by_its_worker_or_by_itself(
    workshop: Workshop, completes_many: bool
) -> None:
    fake = workshop.fake
    fake.change(completes_many=completes_many)
    tasks = [fake.add(workshop.agent(GATED)) for _ in range(3)]
    workshop.worker("--agents", "any_agent", "--concurrency", "3")
    fake.wait_for(lambda: len(fake.of_status("running")) == 3)
    (workshop.scratch / "go").touch()
    fake.wait_for(lambda: len(fake.of_status("completed")) == 3)
    assert [len(task.results) for task in tasks] == [1, 1, 1]
    assert sum(fake.completions) == (3 if completes_many else 0)
    assert fake.refused_writes == 0


class Worker(io.StringIO):
    """The stream to a worker, which answers as soon as it reads."""

    def __init__(self, answers: Answers, answer: dict[str, Any] | None) -> None:
        super().__init__()
        self._answers, self._answer = answers, answer

    def flush(self) -> None:
        told = json.loads(self.getvalue().splitlines()[-1])
        self._answers.put({"number": told["number"] - 1, "result": {"status": "too late"}})
        self._answers.put({"number": told["number"], "result": self._answer})


def delegated_run(answer: dict[str, Any] | None) -> tuple[DelegatedRun, list[str]]:
    """A run whose worker gives this answer; and what the run itself has asked the API for."""
    asked: list[str] = []

    def exchange(request: ClientRequest) -> HttpReply:
        asked.append(request.target)
        return HttpReply(status=200, content=b'{"status": "failed"}')

    answers: Answers = SimpleQueue()
    options = TransportOptions(retry=NO_RETRY, exchange=exchange)
    run = DelegatedRun(
        "http://any",
        {"task_id": "t", "lease_token": "a"},
        options,
        answers=answers,
        check=lambda: None,
        worker=Worker(answers, answer),
    )
    return run, asked


def test_a_run_hears_from_its_worker_what_became_of_its_report() -> None:
    run, asked = delegated_run({"status": "completed", "problem": None})
    assert run.report("complete", {"output": {}}) == "completed"
    assert asked == []
    assert run.report("fail", {"error_class": "any"}) == "failed"
    assert run.report("complete", {"output": {"text": "x" * 100_000}}) == "failed"
    assert asked == ["/v1/runs/t/fail", "/v1/runs/t/complete"]


def test_a_run_whose_worker_has_no_answer_reports_itself() -> None:
    run, asked = delegated_run(None)
    assert run.report("complete", {"output": {}}) == "failed"
    assert asked == ["/v1/runs/t/complete"]


@pytest.mark.parametrize(
    ("code", "error"), [("lease_lost", LeaseLost), ("messages_waiting", MessagesWaiting)]
)
def test_a_refusal_by_way_of_the_worker_is_the_same_error(
    code: str, error: type[Exception]
) -> None:
    run, _ = delegated_run({"status": None, "problem": {"status": 409, "code": code}})
    with pytest.raises(error):
        run.report("complete", {"output": {}})
