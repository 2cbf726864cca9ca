"""Conversations of POST /v1/say. All methods raise Unavailable."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from aiwebhook.ports.command_rows import Json
from aiwebhook.ports.content_rows import MemoryRow
from aiwebhook.ports.spoken_rows import NewTurn, TurnRow
from aiwebhook.postgres.database import Database


class PostgresSpokenStore:
    """The state of each conversation and its last reply; each method runs the statement
    of its name.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_turn(self, turn: NewTurn) -> TurnRow | None:
        """Begin a turn; None when its sentence repeats the last one."""
        params = {
            "project_id": turn.project_id,
            "conversation": turn.conversation,
            "reader": turn.reader,
            "digest": turn.digest,
            "silence_s": turn.silence_s,
            "repeated_within_s": turn.repeated_within_s,
        }
        return self._database.row("begin_turn", params, TurnRow)

    def last_turn(self, *, project_id: str, conversation: str) -> TurnRow | None:
        """The last turn; None when there is no such conversation."""
        params = {"project_id": project_id, "conversation": conversation}
        return self._database.row("last_turn", params, TurnRow)

    def finish_turn(
        self, *, project_id: str, conversation: str, turn: int, reply: Json, state: Json
    ) -> bool:
        """Store the reply and the new state; False when another turn has begun since."""
        params = {
            "project_id": project_id,
            "conversation": conversation,
            "turn": turn,
            "reply": Jsonb(reply),
            "state": Jsonb(state),
        }
        return self._database.run("finish_turn", params) > 0

    def recall_memories(
        self, *, project_id: str, memory_type: str | None, words: Sequence[str], limit: int
    ) -> list[MemoryRow]:
        """Memories of the newest hundred sessions; `words` in lower case."""
        params = {
            "project_id": project_id,
            "type": memory_type,
            "words": list(words),
            "sessions": 100,
            "limit": limit,
        }
        return self._database.rows("recall_memories", params, MemoryRow)
