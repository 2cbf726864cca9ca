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
    is being processed.
    """

    turn: int
    reader: str
    state: Json
    reply: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """A sentence received. `digest`: SHA-256 of what identifies a repetition of it."""

    project_id: str
    conversation: str
    reader: str
    digest: bytes
    silence_s: int | None
    repeated_within_s: int
    looked_at_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunTurn:
    """A turn, and the data its sentence is interpreted with."""

    row: TurnRow
    agents: Sequence[AgentRow]
    """All agents of the project."""
    waiting: Sequence[TaskListing]
    """The newest tasks whose agents are waiting for an answer, at most `looked_at_tasks`."""
