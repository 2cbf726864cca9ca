"""list_agents and help: what there is, and how to use it."""

from __future__ import annotations

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.errors import Invalid, NotFound
from tests.support.commands import CommandDriver


@pytest.mark.req("T9")
def test_every_agent_is_told_with_whether_it_can_work(driver: CommandDriver) -> None:
    driver.sql(
        "UPDATE agents SET status = 'error', status_reason = 'It has no key.'"
        " WHERE project_id = %(project_id)s AND agent_name = 'codex'"
    )
    agents = {each["agent_name"]: each for each in driver.send("list_agents").data["agents"]}

    assert set(agents) == set(built_in_manifests())
    assert (agents["codex"]["can_work"], agents["codex"]["reason"]) == (
        False,
        "It has no key.",
    )
    assert agents["researcher"]["can_work"] is True
    assert agents["researcher"]["reason"] is None
    assert agents["claude_code"]["takes_repository"] is True
    assert agents["local"]["takes_repository"] is False


@pytest.mark.req("T9")
def test_one_agent_is_told_with_what_it_takes(driver: CommandDriver) -> None:
    driver.sql(
        "UPDATE agents SET aliases = '{claude}'"
        " WHERE project_id = %(project_id)s AND agent_name = 'claude_code'"
    )
    for name in ("claude_code", "claude"):
        (agent,) = driver.send("list_agents", data={"agent_name": name}).data["agents"]
        assert agent["agent_name"] == "claude_code"
        assert agent["timeout_s"] > 0
    with pytest.raises(NotFound) as caught:
        driver.send("list_agents", data={"agent_name": "claud_code"})
    assert "claude_code" in caught.value.remedy


@pytest.mark.req("D10")
def test_help_has_an_example_of_every_command(driver: CommandDriver) -> None:
    commands = driver.send("help").data["commands"]
    assert [each["command"] for each in commands] == list(CATALOGUE)
    assert all(each["example"]["command"] == each["command"] for each in commands)


@pytest.mark.req("D10")
@pytest.mark.parametrize("name", ["store_memory", "storeMemory", "Store memory"])
def test_help_has_the_schema_of_one(driver: CommandDriver, name: str) -> None:
    data = driver.send("help", data={"command": name}).data
    assert data["command"] == "store_memory"
    assert set(data["schema"]["required"]) == {"type", "content"}


@pytest.mark.req("D10")
def test_help_names_the_command_that_may_be_meant(driver: CommandDriver) -> None:
    with pytest.raises(Invalid) as caught:
        driver.send("help", data={"command": "remember"})
    (error,) = caught.value.errors
    assert (error.pointer, error.suggestion) == ("/data/command", "store_memory")
