"""The agent types that need infrastructure, read from the manifests of the core layer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import ROOT

_MANIFESTS = ROOT / "layers/core/python/aiwebhook/agents"

# Fargate's sizes (Linux): CPU units to the least and most memory in MiB.
_FARGATE = {
    256: (512, 2048),
    512: (1024, 4096),
    1024: (2048, 8192),
    2048: (4096, 16384),
    4096: (8192, 30720),
    8192: (16384, 61440),
    16384: (32768, 122880),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentType:
    """One agent type with a queue. `cpu` in ECS units (1024 = one vCPU)."""

    name: str
    cpu: int
    memory_mib: int


def queued_agents(folder: Path = _MANIFESTS) -> tuple[AgentType, ...]:
    """Every manifest with `queue = true`, by name. ValueError for a size Fargate does not sell."""
    manifests = [tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")]
    agents = [_agent_type(manifest) for manifest in manifests if manifest.get("queue")]
    if not agents:
        raise ValueError(f"no manifest with queue = true in {folder}")
    return tuple(sorted(agents, key=lambda agent: agent.name))


def _agent_type(manifest: dict[str, Any]) -> AgentType:
    name, compute = manifest["name"], manifest["compute"]
    cpu, memory = int(compute["cpu"]), int(compute["memory_mib"])
    least, most = _FARGATE.get(cpu, (0, 0))
    if not least <= memory <= most or memory == 0:
        raise ValueError(
            f"agent {name}: Fargate has no size of {cpu} CPU units with {memory} MiB; "
            f"CPU is one of {', '.join(map(str, _FARGATE))}, memory for it {least}-{most} MiB"
        )
    return AgentType(name=name, cpu=cpu, memory_mib=memory)
