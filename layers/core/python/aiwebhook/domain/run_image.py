"""Which image a run is started from. Agents on the same program and base share one."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.agent_kind import CLI_KINDS, AgentKind
from aiwebhook.domain.compute import DEV, LEAN

NO_PROGRAM = "python"
"""Of agents that need no command-line tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunImage:
    """One image. `program`: whose command-line tool it holds, or NO_PROGRAM; `base`: as a
    manifest's `compute.image`."""

    program: str = NO_PROGRAM
    base: str = LEAN

    @property
    def name(self) -> str:
        """The first part of its tag: `codex`, `codex-dev`, `codex-own-0123456789ab`."""
        if self.base == LEAN:
            return self.program
        return f"{self.program}-{self.size}" + ("" if self.base == DEV else f"-{self._digest}")

    @property
    def size(self) -> str:
        """The stage of runner/Dockerfile that it is built on."""
        return self.base if self.base in {LEAN, DEV} else "own"

    @property
    def _digest(self) -> str:
        return self.base.rpartition(":")[2][:12]

    def tag(self, version: str) -> str:
        """In the repository of a deployment. It is never moved: it stands for one digest."""
        return f"{self.name}-{version}"


def image_of(manifest: AgentManifest) -> RunImage:
    """The image of an agent. A template has the program that it prefers."""
    kind = manifest.runs_on[0] if manifest.kind is AgentKind.TEMPLATE else manifest.kind
    program = kind.value if kind in CLI_KINDS else NO_PROGRAM
    return RunImage(program=program, base=manifest.compute.image)
