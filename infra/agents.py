"""The agent types that need infrastructure, from the manifests of the core layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiwebhook.agents import load_manifests
from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.compute import LEAST_EPHEMERAL_GIB
from aiwebhook.domain.provider import KEY_OF, possible_providers
from aiwebhook.domain.run_image import RunImage, image_of
from infra import ROOT
from infra.stages import AgentSettings, Stage

_MANIFESTS = ROOT / "layers/core/python/aiwebhook/agents"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentType:
    """One agent type with a queue. `cpu` in ECS units (1024 = one vCPU)."""

    name: str
    cpu: int
    memory_mib: int
    provider_keys: tuple[str, ...] = ()
    """Of the providers that it may talk to, through its gateway. Empty: it talks to no model."""
    ephemeral_gib: int = LEAST_EPHEMERAL_GIB
    """Disk of the task."""
    spot: bool = False
    warm_workers: int = 0
    """Containers that wait for its tasks."""
    image: str = RunImage().name
    """Its name; see RunImage."""


def queued_agents(folder: Path = _MANIFESTS) -> tuple[AgentType, ...]:
    """Every manifest with a queue, by name. Raises ManifestInvalid, as the core does; ValueError
    where no manifest has one.
    """
    queued = [manifest for manifest in load_manifests(folder).values() if manifest.queue]
    if not queued:
        raise ValueError(f"no manifest with a queue in {folder}")
    return tuple(_agent_type(manifest) for manifest in sorted(queued, key=lambda each: each.name))


def as_a_stage_has_them(agents: Sequence[AgentType], stage: Stage) -> tuple[AgentType, ...]:
    """The same agents with the stage's settings in place of their manifests'."""
    return tuple(_with(agent, stage.agents.get(agent.name)) for agent in agents)


def _with(agent: AgentType, settings: AgentSettings | None) -> AgentType:
    if settings is None:
        return agent
    spot = agent.spot if settings.spot is None else settings.spot
    return replace(agent, spot=spot, warm_workers=settings.warm_workers)


def _agent_type(manifest: AgentManifest) -> AgentType:
    return AgentType(
        name=manifest.name,
        cpu=manifest.compute.cpu,
        memory_mib=manifest.compute.memory_mib,
        provider_keys=_provider_keys(manifest),
        ephemeral_gib=manifest.compute.ephemeral_gib,
        spot=manifest.compute.spot,
        image=image_of(manifest).name,
    )


def _provider_keys(manifest: AgentManifest) -> tuple[str, ...]:
    """No more keys than the agent can use: a gateway that is broken open gives away only those."""
    kinds = manifest.runs_on or (manifest.kind,)
    needed = {each for kind in kinds for each in possible_providers(kind, manifest.model)}
    return tuple(key for provider, key in KEY_OF.items() if provider in needed)
