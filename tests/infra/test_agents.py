"""Manifests become agent types with a size that Fargate sells."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook_runner.adapters.cli_kinds import CLI, KEY_OF, provider_of
from infra.agents import PROVIDER_KEYS, AgentType, queued_agents

pytestmark = pytest.mark.req("T5")


def any_manifest(folder: Path, **changes: object) -> None:
    values = {"name": "any_agent", "queue": True, "cpu": 256, "memory_mib": 512, **changes}
    model: dict[str, object] = {"kind": "python", "runs_on": [], "model": "", **changes}
    text = (
        f'name = "{values["name"]}"\nqueue = {str(values["queue"]).lower()}\n'
        f'kind = "{model["kind"]}"\nruns_on = {model["runs_on"]}\nmodel = "{model["model"]}"\n'
        f"[compute]\ncpu = {values['cpu']}\nmemory_mib = {values['memory_mib']}\n"
    )
    (folder / f"{values['name']}.toml").write_text(text, "utf-8")


def test_agents_with_a_queue_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    any_manifest(tmp_path, name="b_agent")
    any_manifest(tmp_path, name="a_agent", cpu=1024, memory_mib=4096)
    any_manifest(tmp_path, name="local", queue=False)
    assert queued_agents(tmp_path) == (
        AgentType(name="a_agent", cpu=1024, memory_mib=4096),
        AgentType(name="b_agent", cpu=256, memory_mib=512),
    )


def test_a_manifest_that_says_nothing_of_a_queue_has_one_as_the_domain_says(tmp_path: Path) -> None:
    any_manifest(tmp_path)
    path = tmp_path / "any_agent.toml"
    path.write_text(path.read_text("utf-8").replace("queue = true\n", ""), "utf-8")
    assert [agent.name for agent in queued_agents(tmp_path)] == ["any_agent"]


@pytest.mark.parametrize(
    ("kind", "runs_on", "model", "keys"),
    [
        ("python", [], "", ()),
        ("command", [], "", ()),
        ("claude_code", [], "", ("ANTHROPIC_API_KEY",)),
        ("codex", [], "", ("OPENAI_API_KEY",)),
        ("gemini", [], "", ("GEMINI_API_KEY",)),
        ("opencode", [], "openai/gpt-5.5", ("OPENAI_API_KEY",)),
        ("opencode", [], "", ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")),
        ("template", ["gemini", "claude_code"], "", ("ANTHROPIC_API_KEY", "GEMINI_API_KEY")),
    ],
)
def test_an_agent_gets_the_keys_of_the_providers_it_may_talk_to_and_no_other(
    tmp_path: Path, kind: str, runs_on: list[str], model: str, keys: tuple[str, ...]
) -> None:
    any_manifest(tmp_path, kind=kind, runs_on=runs_on, model=model)
    (agent,) = queued_agents(tmp_path)
    assert agent.provider_keys == keys


def test_a_gateway_is_given_the_keys_that_its_runner_asks_it_for() -> None:
    """Infrastructure may not import the runner; here both are compared."""
    assert tuple(KEY_OF.values()) == PROVIDER_KEYS
    agents = {agent.name: agent for agent in queued_agents()}
    for name, manifest in built_in_manifests().items():
        if manifest.queue:
            kinds = [kind for kind in manifest.runs_on or (manifest.kind,) if kind in CLI]
            asked = {KEY_OF[provider_of(kind, manifest.model)] for kind in kinds}
            assert {*agents[name].provider_keys} == asked, name


@pytest.mark.parametrize(("cpu", "memory_mib"), [(256, 4096), (300, 512), (1, 512), (1024, 0)])
def test_a_size_that_fargate_does_not_sell_is_refused_by_name(
    tmp_path: Path, cpu: int, memory_mib: int
) -> None:
    any_manifest(tmp_path, cpu=cpu, memory_mib=memory_mib)
    with pytest.raises(ValueError, match=f"any_agent.*{cpu} CPU units with {memory_mib} MiB"):
        queued_agents(tmp_path)


def test_no_manifest_at_all_is_an_error_and_not_an_empty_system(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no manifest"):
        queued_agents(tmp_path)
