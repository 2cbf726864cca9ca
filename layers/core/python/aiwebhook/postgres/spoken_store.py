"""Conversations of POST /v1/say. All methods raise Unavailable."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from aiwebhook.ports.command_rows import Json, Page
from aiwebhook.ports.content_rows import MemoryRow
from aiwebhook.ports.spoken_rows import BegunTurn, NewTurn, TurnRow
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.listing_calls import ListingCalls


class PostgresSpokenStore:
    """The state of each conversation and its last reply; each method runs the statement
    of its name.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_turn(self, turn: NewTurn) -> BegunTurn | None:
        """Begin a turn, and read what its sentence is interpreted with, in one round
        trip. A sentence that repeats the last one returns that turn. None: the
        conversation was deleted meanwhile.
        """
        params = {
            "project_id": turn.project_id,
            "conversation": turn.conversation,
            "reader": turn.reader,
            "digest": turn.digest,
            "silence_s": turn.silence_s,
            "repeated_within_s": turn.repeated_within_s,
        }
        row, agents, waiting = self._database.together(
            Call.row("begin_turn", params, TurnRow),
            ListingCalls.describe_agents(project_id=turn.project_id),
            ListingCalls.list_tasks(
                project_id=turn.project_id,
                session_id=None,
                status="input_required",
                agent_name=None,
                page=Page(limit=turn.looked_at_tasks),
            ),
        )
        if row is None:
            row = self._last_turn(project_id=turn.project_id, conversation=turn.conversation)
        return None if row is None else BegunTurn(row=row, agents=agents, waiting=waiting)

    def _last_turn(self, *, project_id: str, conversation: str) -> TurnRow | None:
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
