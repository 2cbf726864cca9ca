"""Rows of spoken conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.ports.command_rows import Json
from aiwebhook.ports.listed_rows import AgentRow
from aiwebhook.ports.task_rows import TaskListing


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    """A sentence of a conversation: `state` is from before it, `reply` is None while it
    is worked on.
    """

    turn: int
    reader: str
    state: Json
    reply: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """A sentence that came. `digest`: SHA-256 of what makes it the same as another."""

    project_id: str
    conversation: str
    reader: str
    digest: bytes
    silence_s: int | None
    repeated_within_s: int
    looked_at_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunTurn:
    """A turn, and what its sentence is read with."""

    row: TurnRow
    agents: Sequence[AgentRow]
    """All of the project."""
    waiting: Sequence[TaskListing]
    """The newest tasks whose agents wait for an answer, `looked_at_tasks` at most."""
