"""Claims of a worker with several agents, where the deployment holds them and where it does not."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from aiwebhook.client import Client, Run
from aiwebhook.client.run_calls import ClaimAnswer
from aiwebhook_runner.worker.claim_turns import ClaimTurns
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T8")
PAUSE = ClaimAnswer(next_poll_s=5.0)
HELD = ClaimAnswer()


class _Deployment:
    """Answers what the test puts in; `asked` are the agents of each request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.answers: SimpleQueue[ClaimAnswer] = SimpleQueue()
        self.now = 0.0

    def turns(self) -> ClaimTurns:
        return ClaimTurns(self._ask, monotonic=lambda: self.now)

    def _ask(self, agents: Sequence[str]) -> ClaimAnswer:
        self.asked.append(tuple(agents))
        return self.answers.get()


def any_run(agent: str) -> Run:
    client = Client("http://127.0.0.1:9", api_key="any")
    run = {"task_id": "t", "lease_token": "l", "agent": {"name": agent}}
    with client:
        return client.run(run)


def _paused(deployment: _Deployment) -> ClaimTurns:
    """Told once to pause; it is time again."""
    turns = deployment.turns()
    deployment.answers.put(PAUSE)
    assert turns.claim(["a"]) is None
    deployment.now += 5
    return turns


def test_each_asks_for_itself_while_claims_are_held() -> None:
    deployment = _Deployment()
    turns = deployment.turns()
    with ThreadPoolExecutor(2) as pool:
        claims = [pool.submit(turns.claim, [name]) for name in ("a", "b")]
        eventually(lambda: len(deployment.asked) == 2)
        for _ in claims:
            deployment.answers.put(HELD)
    assert sorted(deployment.asked) == [("a",), ("b",)]


def test_one_request_for_all_brings_each_its_run_where_they_are_not_held() -> None:
    deployment = _Deployment()
    turns = _paused(deployment)
    run = any_run("b")
    with ThreadPoolExecutor(2) as pool:
        deployment.now -= 1  # not yet time
        other = pool.submit(turns.claim, ["b"])
        eventually(lambda: "b" in turns.asking)
        deployment.now += 1
        deployment.answers.put(ClaimAnswer(run=run))
        first = pool.submit(turns.claim, ["a"])
        assert other.result(timeout=30) is run
        deployment.answers.put(PAUSE)
        assert first.result(timeout=30) is None
    asked = deployment.asked[1:]
    assert ("a", "b") in asked or asked[0] == ("b",)
    assert len(asked) <= 2


def test_nobody_asks_before_the_time_that_was_said() -> None:
    deployment = _Deployment()
    turns = _paused(deployment)
    deployment.answers.put(PAUSE)
    assert turns.claim(["a"]) is None
    waiting = threading.Thread(target=turns.claim, args=(["b"],))
    waiting.start()
    eventually(lambda: "b" in turns.asking)
    turns.close()
    waiting.join(timeout=30)
    assert deployment.asked == [("a",), ("a",)]


def test_after_a_run_the_next_is_asked_for_at_once() -> None:
    deployment = _Deployment()
    turns = _paused(deployment)
    run = any_run("a")
    deployment.answers.put(ClaimAnswer(run=run))
    deployment.answers.put(PAUSE)
    assert turns.claim(["a"]) is run
    assert turns.claim(["a"]) is None
    assert len(deployment.asked) == 3
