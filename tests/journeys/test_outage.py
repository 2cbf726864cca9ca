"""The database goes away and comes back: every door says so, and everything goes on by itself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import httpx
import pytest

from aiwebhook.client import Json
from aiwebhook.errors import AiWebhookError
from aiwebhook_local.stack import StackInfo
from tests.support.agents import QUICK
from tests.support.receiver import Receiver
from tests.support.task_command import SlowAnswer
from tests.support.tenant import Tenant, tick
from tests.support.waiting import eventually


@contextmanager
def without_postgres(stack: StackInfo) -> Generator[None]:
    """Stopped inside the block, at the same address afterwards."""
    stack.postgres.stop()
    try:
        yield
    finally:
        stack.postgres.start()


def ask_every_door(stack: StackInfo, project: Tenant, session_id: str) -> dict[str, httpx.Response]:
    """One request at each door that needs the database."""
    command = {"command": "get_session_summary", "session_id": session_id}
    delivery = {"X-GitHub-Event": "ping", "X-Hub-Signature-256": "sha256=00"}
    with httpx.Client(base_url=stack.url, headers={"X-API-Key": project.key}, timeout=30) as http:
        return {
            "relay": http.post("/webhook", json=command),
            "session_api": http.get(f"/v1/sessions/{session_id}"),
            "write": http.post("/v1/sessions", json={"title": "A title"}),
            "long poll": http.get(f"/v1/sessions/{session_id}/events", params={"wait": 5}),
            "worker": http.post("/v1/runs/claim", json={"worker_id": "w", "agents": ["local"]}),
            "ready": http.get("/readyz"),
            "signature": http.post("/webhook", content=b"{}", headers=delivery),
        }


def says_what_to_do(answer: httpx.Response) -> bool:
    """Whether a refusal can be acted on, by a program and by a person."""
    problem = answer.json()
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and int(answer.headers["Retry-After"]) > 0
        and problem["retryable"] is True
        and bool(problem["remedy"])
    )


@pytest.mark.slow
@pytest.mark.req("S6", "W4", "T7", "N1")
# reason: one outage, told in order
def test_every_door_answers_503_while_the_database_is_away_and_all_goes_on_after_it(
    stack: StackInfo, project: Tenant, receiver: Receiver, unanswered: SlowAnswer
) -> None:
    unanswered.answer.result(timeout=40)  # a request of another journey, still held open
    project.play("researcher", QUICK)
    project.client.post("/v1/endpoints", {"url": receiver.url()})
    session_id = project.session()
    running = project.delegate(session_id, "researcher", input_data={"seconds": 5})
    eventually(lambda: project.client.task(running)["status"] == "running")
    delayed = project.delegate(session_id, "researcher", not_before="2026-01-01T00:00:00Z")

    with without_postgres(stack):
        answers = ask_every_door(stack, project, session_id)
        alive = httpx.get(f"{stack.url}/healthz", timeout=30)

    assert alive.status_code == 200
    # A signature is checked before anything is stored: a bad one needs no database.
    assert answers.pop("signature").status_code == 403
    statuses = {door: answer.status_code for door, answer in answers.items()}
    assert set(statuses.values()) == {503}, statuses
    assert all(says_what_to_do(answer) for answer in answers.values())

    after = project.delegate(session_id, "researcher")

    def all_done() -> list[Json]:
        try:
            tick(stack)  # the schedule, every minute
        except RuntimeError:
            return []  # its connection died with the database: the next tick opens another
        try:
            tasks = [project.client.task(task_id) for task_id in (running, delayed, after)]
        except AiWebhookError:
            return []
        return tasks if all(task["status"] == "completed" for task in tasks) else []

    def all_told() -> bool:
        tick(stack)
        told = {c.task_id for c in receiver.callbacks if c.type == "task.completed"}
        return told >= {running, delayed, after}

    eventually(all_done, within_s=45)
    eventually(all_told)
    replay = project.events(session_id)
    assert [event["seq"] for event in replay] == list(range(1, len(replay) + 1))
