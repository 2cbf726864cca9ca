"""An agent that a release does not have any more is not offered as if it could still work."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent import AgentManifest
from aiwebhook.usecases.ensure_project import ensure_project
from tests.support.commands import CommandDriver


def release(driver: CommandDriver, manifests: Mapping[str, AgentManifest]) -> None:
    """What migrate does with the agents of a release."""
    driver.access.ensure_project(
        project_id=driver.project_id,
        name="a project",
        manifests=[manifest.as_json() for manifest in manifests.values()],
    )


def statuses(driver: CommandDriver) -> dict[str, tuple[str, str | None]]:
    """Of all agents, with the reason."""
    query = "SELECT agent_name, status, status_reason FROM agents WHERE project_id = %(project_id)s"
    return {row["agent_name"]: (row["status"], row["status_reason"]) for row in driver.sql(query)}


@pytest.mark.req("T9")
def test_an_agent_that_is_gone_says_so_and_is_as_new_when_it_comes_back(
    driver: CommandDriver,
) -> None:
    before = statuses(driver)
    kept = {name: each for name, each in built_in_manifests().items() if name != "gemini"}

    release(driver, kept)

    absent = ("error", "This release has no agent of that name")
    assert statuses(driver) == {**before, "gemini": absent}
    agents = {each["agent_name"]: each for each in driver.send("list_agents").data["agents"]}
    assert (agents["gemini"]["can_work"], agents["gemini"]["reason"]) == (False, absent[1])
    session = driver.session()
    given = {"agent_name": "gemini", "description": "Say hello."}
    assert absent[1] in str(driver.send("delegate_task", session_id=session, data=given).say)

    ensure_project(driver.access, driver.project_id)
    assert statuses(driver) == before


@pytest.mark.req("T9")
def test_what_else_keeps_an_agent_from_working_stays_known(driver: CommandDriver) -> None:
    driver.sql(
        "UPDATE agents SET status = 'error', status_reason = 'It has no key.'"
        " WHERE project_id = %(project_id)s AND agent_name = 'codex'"
    )
    release(driver, built_in_manifests())
    assert statuses(driver)["codex"] == ("error", "It has no key.")
