"""Port to look things up by name, for interfaces where people refer to them by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A match for a name. `exact`: the name is its whole name."""

    id: str
    name: str | None
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestSession:
    """The latest session. `used`: this connection used it last."""

    session_id: str
    title: str | None
    status: str
    used: bool


class NameStore(Protocol):
    """Each method returns at most three matches, exact ones first. All raise Unavailable."""

    def latest_session(self, *, project_id: str, connection: str) -> LatestSession | None:
        """The one the connection used last, else that with the latest activity."""
        ...

    def sessions_named(self, *, project_id: str, name: str) -> Sequence[Named]:
        """By words of the title."""
        ...

    def tasks_named(self, *, project_id: str, session_id: str | None, name: str) -> Sequence[Named]:
        """By words of the description or the agent."""
        ...

    def artifacts_named(
        self, *, project_id: str, session_id: str, task_id: str, name: str
    ) -> Sequence[Named]:
        """Of a task, by id, by name or by a part of the name."""
        ...

    def repositories_named(self, *, project_id: str, name: str) -> Sequence[Named]:
        """Repositories of earlier tasks, by the last part of their URL."""
        ...
