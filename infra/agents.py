"""The agent types that need infrastructure, read from the manifests of the core layer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiwebhook.domain.agent_kind import AgentKind
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

# The key of each provider in AgentSecret, and whose models an agent of a kind talks to.
_KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "google": "GEMINI_API_KEY",
}
PROVIDER_KEYS = tuple(_KEYS.values())
# What the supervisor of a run clones and pushes with; the fourth key in AgentSecret.
GITHUB_TOKEN = "GITHUB_TOKEN"  # noqa: S105 - a name, not a token
_PROVIDERS = {
    AgentKind.CLAUDE_CODE: "anthropic",
    AgentKind.CODEX: "openai",
    AgentKind.GEMINI: "google",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentType:
    """One agent type with a queue. `cpu` in ECS units (1024 = one vCPU)."""

    name: str
    cpu: int
    memory_mib: int
    provider_keys: tuple[str, ...] = ()
    """Of the providers that it may talk to, through its gateway. Empty: it talks to no model."""


def queued_agents(folder: Path = _MANIFESTS) -> tuple[AgentType, ...]:
    """Every manifest with a queue, by name: all but those of workers, unless they say otherwise.
    ValueError for a size Fargate does not sell."""
    manifests = [tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")]
    agents = [
        _agent_type(manifest)
        for manifest in manifests
        if manifest.get("queue", manifest.get("kind") != "worker")
    ]
    if not agents:
        raise ValueError(f"no manifest with a queue in {folder}")
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
    return AgentType(name=name, cpu=cpu, memory_mib=memory, provider_keys=_provider_keys(manifest))


def _provider_keys(manifest: dict[str, Any]) -> tuple[str, ...]:
    """No more keys than the agent can use: a gateway that is broken open gives away only those."""
    kinds = manifest.get("runs_on") or [manifest.get("kind", AgentKind.PYTHON)]
    keys = {key for kind in kinds for key in _keys_of(AgentKind(kind), manifest.get("model", ""))}
    return tuple(key for key in PROVIDER_KEYS if key in keys)


def _keys_of(kind: AgentKind, model: str) -> tuple[str, ...]:
    if kind is AgentKind.OPENCODE:
        provider = model.partition("/")[0]
        return (_KEYS[provider],) if provider in _KEYS else PROVIDER_KEYS
    return (_KEYS[_PROVIDERS[kind]],) if kind in _PROVIDERS else ()
