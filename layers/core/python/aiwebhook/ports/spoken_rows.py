"""Rows of spoken conversations."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.ports.command_rows import Json


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
