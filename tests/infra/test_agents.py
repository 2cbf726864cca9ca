"""Manifests become agent types with a size that Fargate sells."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.agents import AgentType, queued_agents

pytestmark = pytest.mark.req("T5")


def any_manifest(folder: Path, **changes: object) -> None:
    values = {"name": "any_agent", "queue": True, "cpu": 256, "memory_mib": 512, **changes}
    text = (
        f'name = "{values["name"]}"\nqueue = {str(values["queue"]).lower()}\n'
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
