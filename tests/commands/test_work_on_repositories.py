"""Tasks for agents on a model: which repository, which pull request, how much money."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.errors import Conflict, Invalid, NotFound
from tests.support.commands import CommandDriver

TASK: dict[str, Any] = {"agent_name": "codex", "description": "Add a rate limiter"}


@pytest.fixture
def session(driver: CommandDriver) -> str:
    """An open session."""
    return driver.session("s")


@pytest.mark.req("T1")
@pytest.mark.parametrize(
    ("fields", "pointer", "rule"),
    [
        ({"repo": "https://me:secret@github.com/a/b"}, "/data/repo", "credentials"),
        ({"repo": "http://github.com/a/b"}, "/data/repo", "https URL"),
        ({"repo": "file://tmp"}, "/data/repo", "absolute path"),
        ({"repo": "a/b", "ref": "--force"}, "/data/ref", "a branch"),
        ({"repo": "a/b", "pr": "merged"}, "/data/pr", "must be one of none, branch, draft, ready"),
        ({"pr": "draft"}, "/data/pr", "needs repo"),
        ({"ref": "main"}, "/data/ref", "needs repo"),
        ({"max_cost_usd": 0}, "/data/max_cost_usd", "greater than 0"),
        ({"max_cost_usd": -1.5}, "/data/max_cost_usd", "greater than 0"),
        ({"max_cost_usd": "5"}, "/data/max_cost_usd", "number"),
    ],
)
def test_what_cannot_be_worked_on_is_refused_by_field_and_rule(
    driver: CommandDriver, session: str, fields: dict[str, Any], pointer: str, rule: str
) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("delegate_task", session, {**TASK, **fields})
    (error,) = caught.value.errors
    assert error.pointer == pointer
    assert rule in error.message
    assert "secret" not in f"{caught.value.detail} {error.message}"


@pytest.mark.req("T1")
def test_a_repository_that_breaks_its_rule_is_told_once(
    driver: CommandDriver, session: str
) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send(
            "delegate_task", session, {**TASK, "repo": "nope", "ref": "main", "pr": "draft"}
        )
    assert [error.pointer for error in caught.value.errors] == ["/data/repo"]


@pytest.mark.req("T1")
def test_an_agent_without_files_takes_no_repository(driver: CommandDriver, session: str) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send(
            "delegate_task",
            session,
            {
                **TASK,
                "agent_name": "local",
                "repo": "a/b",
                "input_data": {"action_type": "git", "params": {}},
            },
        )
    assert caught.value.code == "repository_not_possible"
    task = {"agent_name": "memory_keeper", "description": "d", "pr": "none"}
    assert driver.send("delegate_task", session, task).data["status"] == "pending"


@pytest.mark.req("T1")
def test_a_task_tells_its_repository_and_budget(driver: CommandDriver, session: str) -> None:
    asked = {**TASK, "task_id": "t1", "repo": "a/b", "max_cost_usd": 2}
    driver.send("delegate_task", session, asked)
    data = driver.send("get_task", session, {"task_id": "t1"}).data
    assert data["repository"] == {"repo": "a/b", "ref": None, "pr": "none"}
    assert data["max_cost_usd"] == 2.0
    assert driver.send("delegate_task", session, asked).data["status"] == "pending"
    with pytest.raises(Conflict) as caught:
        driver.send("delegate_task", session, {**asked, "repo": "a/other"})
    assert caught.value.code == "task_exists"


@pytest.mark.req("T5")
def test_an_agent_answers_to_its_aliases(driver: CommandDriver, session: str) -> None:
    reply = driver.send("delegate_task", session, {**TASK, "agent_name": "gemini_cli"})
    assert reply.data["agent_name"] == "gemini"
    for name, found in (("gemini_cli", 1), ("gemini", 1), ("codex", 0)):
        assert driver.send("list_tasks", session, {"agent_name": name}).data["count"] == found
    with pytest.raises(NotFound):
        driver.send("list_tasks", session, {"agent_name": "nobody"})


@pytest.mark.req("T1")
def test_a_session_without_runs_has_used_nothing(driver: CommandDriver, session: str) -> None:
    usage = driver.send("get_session_summary", session).data["usage"]
    assert (usage["requests"], usage["cost_usd"]) == (0, None)
