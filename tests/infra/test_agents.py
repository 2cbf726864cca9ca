"""Manifests become agent types with a size that Fargate sells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.agent import Compute, ManifestInvalid
from aiwebhook.domain.provider import KEY_OF
from aiwebhook_runner.adapters.cli_kinds import CLI, provider_of
from infra.agents import AgentType, queued_agents

pytestmark = pytest.mark.req("T5")

STANDARD = {"cpu": 256, "memory_mib": 512}


def any_manifest(
    folder: Path, *, compute: Mapping[str, int] | None = STANDARD, **changes: object
) -> Path:
    """A manifest that the core takes, but for the changes. `compute` None: without that table."""
    kind = changes.get("kind", "python")
    values: dict[str, object] = {"name": "any_agent", "kind": kind, "description": "Any agent."}
    values |= {"entrypoint": "any.module"} if kind in ("python", "template") else {}
    values |= {"command": ["any"]} if kind == "command" else {}
    lines = [f"{name} = {json.dumps(value)}" for name, value in (values | changes).items()]
    if compute is not None:
        lines += ["[compute]", *(f"{name} = {value}" for name, value in compute.items())]
    path = folder / f"{changes.get('name', 'any_agent')}.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_agents_with_a_queue_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    any_manifest(tmp_path, name="b_agent")
    any_manifest(tmp_path, name="a_agent", compute={"cpu": 1024, "memory_mib": 4096})
    any_manifest(tmp_path, name="local", queue=False)
    assert queued_agents(tmp_path) == (
        AgentType(name="a_agent", cpu=1024, memory_mib=4096),
        AgentType(name="b_agent", cpu=256, memory_mib=512),
    )


def test_a_manifest_that_says_nothing_of_a_queue_has_one_as_the_domain_says(tmp_path: Path) -> None:
    any_manifest(tmp_path)
    any_manifest(tmp_path, name="local", kind="worker")
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
    path = any_manifest(tmp_path, kind=kind, compute=None)
    chosen = [f"runs_on = {runs_on}"] if runs_on else [f'model = "{model}"'] if model else []
    path.write_text("\n".join([path.read_text("utf-8"), *chosen]), "utf-8")
    (agent,) = queued_agents(tmp_path)
    assert agent.provider_keys == keys


def test_a_gateway_is_given_the_keys_that_its_runner_asks_it_for() -> None:
    """Infrastructure may not import the runner; here both are compared."""
    agents = {agent.name: agent for agent in queued_agents()}
    for name, manifest in built_in_manifests().items():
        if manifest.queue:
            kinds = [kind for kind in manifest.runs_on or (manifest.kind,) if kind in CLI]
            asked = {KEY_OF[provider_of(kind, manifest.model)] for kind in kinds}
            assert {*agents[name].provider_keys} == asked, name


def test_an_agents_disk_purchase_and_image_reach_its_task(tmp_path: Path) -> None:
    path = any_manifest(tmp_path, kind="codex", compute=None)
    size = ["[compute]", "ephemeral_gib = 50", "spot = true", 'image = "dev"']
    path.write_text("\n".join([path.read_text("utf-8"), *size]), "utf-8")
    (agent,) = queued_agents(tmp_path)
    assert (agent.ephemeral_gib, agent.spot, agent.image) == (50, True, "codex-dev")


def test_a_manifest_without_a_size_has_that_of_the_core(tmp_path: Path) -> None:
    any_manifest(tmp_path, compute=None)
    (agent,) = queued_agents(tmp_path)
    assert (agent.cpu, agent.memory_mib) == (Compute().cpu, Compute().memory_mib)


@pytest.mark.parametrize(
    ("cpu", "memory_mib"), [(256, 4096), (512, 1500), (300, 512), (1, 512), (1024, 0)]
)
def test_a_size_that_fargate_does_not_sell_is_refused_by_name(
    tmp_path: Path, cpu: int, memory_mib: int
) -> None:
    any_manifest(tmp_path, compute={"cpu": cpu, "memory_mib": memory_mib})
    with pytest.raises(ManifestInvalid, match=r"any_agent\.toml: compute\."):
        queued_agents(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"), [("colour", "red"), ("description", ""), ("timeout_s", 0)]
)
def test_what_the_core_refuses_is_refused_here(tmp_path: Path, name: str, value: object) -> None:
    path = any_manifest(tmp_path, compute=None)
    told = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(name)]
    path.write_text("\n".join([*told, f"{name} = {json.dumps(value)}"]), "utf-8")
    with pytest.raises(ManifestInvalid):
        queued_agents(tmp_path)


def test_no_manifest_at_all_is_an_error_and_not_an_empty_system(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no manifest"):
        queued_agents(tmp_path)
