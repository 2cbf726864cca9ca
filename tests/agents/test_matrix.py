"""The real CLIs, through the real runner and Runs API, in every situation of the matrix."""

from __future__ import annotations

import pytest

from tests.agents.conftest import Cells
from tests.agents.lab import Lab, Played
from tests.agents.matrix import AGENTS, SITUATIONS, Situation
from tests.agents.settings import SAMPLE

pytestmark = [pytest.mark.agents, pytest.mark.req("T5", "T6"), pytest.mark.timeout(900)]

BY_NAME = {situation.name: situation for situation in SITUATIONS}
CELLS = [
    (agent, situation.name)
    for column, agent in enumerate(AGENTS)
    for row, situation in enumerate(SITUATIONS)
    if not SAMPLE or (column + row) % 2 == 0
]
INPUT, CACHED, OUTPUT = 1_000, 200, 50
"""Tokens of each answer of the scripted provider."""


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell[0]}-{cell[1]}")
def test_the_agent_ends_as_it_should(cells: Cells, cell: tuple[str, str]) -> None:
    _, name = cell
    situation = BY_NAME[name]
    played = cells[cell].result()

    assert_ended_as(played, situation.ends)
    assert played.left == [], "processes outlived the run"
    if situation.requests is not None:
        assert_metered(played, requests=situation.requests)
    if situation.changes_file:
        assert_changed_a_file(played)
    if situation.scenario == "mcp":
        assert "tool_call" in played.kinds
    if name == "resume":
        assert played.task["output"]["turns"] == 2


@pytest.mark.parametrize("agent", AGENTS)
def test_zz_without_a_provider_the_connection_is_refused(lab: Lab, agent: str) -> None:
    lab.provider.stop()
    refused = Situation(name="refused connection", scenario="text", ends=frozenset({"network"}))
    played = lab.play(agent, refused)
    assert_ended_as(played, refused.ends)
    assert played.left == []


def assert_ended_as(played: Played, classes: frozenset[str]) -> None:
    """Completed where no class is named, else failed (or cancelled) with one of them."""
    task = played.task
    if not classes:
        assert task["status"] == "completed", task.get("error")
        assert task["output"]["text"]
        assert task["say"]
        return
    assert task["status"] == ("cancelled" if "cancelled" in classes else "failed"), task
    assert played.error_class in classes, task["error"]
    assert task["error"]["message"]
    assert task["error"]["remedy"]


def assert_metered(played: Played, *, requests: int) -> None:
    """The gateway's count, to the token."""
    usage = played.task["usage"]
    assert (usage["requests"], usage["input_tokens"], usage["output_tokens"]) == (
        requests,
        requests * INPUT,
        requests * OUTPUT,
    )
    assert usage["cached_input_tokens"] == requests * CACHED
    assert usage["cost_usd"] > 0


def assert_changed_a_file(played: Played) -> None:
    """Committed, told, and kept as a patch."""
    workspace = played.task["output"]["workspace"]
    assert workspace["files"] >= 1
    assert workspace["commit"] != workspace["base"]
    assert [a["name"] for a in played.artifacts] == ["changes.patch"]
    assert played.kinds >= {"tool_call", "tool_result"}
