"""`task_command`: an action for a connected worker, asked for and waited for in one request."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from aiwebhook.client import Client
from tests.support.task_command import SlowAnswer, post_task_command
from tests.support.tenant import Tenant
from tests.support.waiting import eventually

CLEAN = {"success": True, "stdout": "nothing to commit", "stderr": "", "returncode": 0}


def work_once(client: Client) -> None:
    """A worker that has allowed everything, and answers the first task it gets."""
    run = None
    while run is None:
        run = client.claim_run(worker_id="laptop", agents=["local"], wait_s=5)
    with run:
        assert run.input["input"]["params"]["command"] == ["git", "status"]
        run.complete(output=CLEAN, exit_code=0)


@contextmanager
def worker(project: Tenant) -> Generator[None]:
    """A worker in a thread; its error is the test's error."""
    failed: Future[None] = Future()

    def work() -> None:
        try:
            work_once(project.client)
        except BaseException as error:  # noqa: BLE001 a thread must hand its error over
            failed.set_exception(error)
        else:
            failed.set_result(None)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    failed.result(timeout=30)
    thread.join()


@pytest.mark.req("W3", "T8")
def test_a_task_command_is_answered_with_the_workers_result(project: Tenant) -> None:
    with worker(project):
        # Its first claim makes it known; before it, nobody is there to wait for.
        eventually(lambda: project.client.get("/v1/workers")["items"])
        answer = post_task_command(project)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["status"], told["output"]) == ("completed", CLEAN)
    assert told["execution_time_ms"] >= 0


@pytest.mark.req("W3")
def test_a_task_command_nobody_works_on_is_answered_pending_and_done_later(
    unanswered: SlowAnswer,
) -> None:
    answer = unanswered.answer.result(timeout=40)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["status"], told["task_id"]) == ("pending", "git_status_001")
    assert told["say"]

    with worker(unanswered.project):
        done = unanswered.project.ended("git_status_001")
    assert done["output"] == CLEAN
