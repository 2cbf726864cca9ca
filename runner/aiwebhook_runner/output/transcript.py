"""Everything an agent said that matters at the end of its run."""

from dataclasses import dataclass, field
from pathlib import Path

from aiwebhook.domain.notes import Notes
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentMessage,
    AgentResult,
    Artifact,
    Forget,
    Memory,
    Noted,
    ReportedUsage,
)

MAX_MEMORIES = 2_000
"""The most that one terminal write takes."""
MAX_ARTIFACTS = 200


@dataclass(slots=True, kw_only=True)
class Transcript:
    """Filled while the agent runs; read after it has ended. The last result or error counts."""

    memories: list[Memory] = field(default_factory=list[Memory])
    forget: list[str] = field(default_factory=list[str])
    artifacts: dict[str, Artifact] = field(default_factory=dict[str, Artifact])
    own_files: dict[str, Path] = field(default_factory=dict[str, Path])
    """Artifacts made by the supervisor: name → file, wherever it is."""
    usage: JsonObject = field(default_factory=dict[str, object])
    result: AgentResult | None = None
    error: AgentError | None = None
    understood: int = 0
    unreadable: int = 0
    notes: Notes = field(default_factory=Notes)
    """What of the agent's messages was changed or left out."""

    def add(self, message: AgentMessage) -> None:
        """Keep what counts at the end; progress and log lines only count as understood."""
        if isinstance(message, Noted):
            self.notes.extend(message.notes)
        else:
            self.understood += 1
            self._keep(message)

    def _keep(self, message: AgentMessage) -> None:
        match message:
            case Memory():
                if self._has_room("memories", len(self.memories), MAX_MEMORIES):
                    self.memories.append(message)
            case Forget(key=key):
                if self._has_room("forgotten keys", len(self.forget), MAX_MEMORIES):
                    self.forget.append(key)
            case Artifact():
                if self._has_room("artifacts", len(self.artifacts), MAX_ARTIFACTS):
                    self.artifacts[message.name] = message
            case ReportedUsage(values=values):
                self.usage |= values
            case AgentResult():
                self.result = message
            case AgentError():
                self.error = message
            case _:
                pass

    def add_own_file(self, artifact: Artifact, file: Path) -> None:
        """An artifact made by the supervisor."""
        self.artifacts[artifact.name] = artifact
        self.own_files[artifact.name] = file

    def add_unreadable(self) -> None:
        """Count a line that is not a JSON object: tolerated, since libraries print."""
        self.unreadable += 1

    def _has_room(self, what: str, count: int, limit: int) -> bool:
        if count < limit:
            return True
        self.notes.add("", f"The agent produced more than {limit} {what}; the rest was left out.")
        return False
