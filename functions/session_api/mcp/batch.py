"""JSON-RPC batches: 2025-03-26 has them, later eras do not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiwebhook.domain.answer_size import ROOM, answer_bytes
from session_api.mcp.eras import VERSION_HEADER, WITHOUT_HEADER, McpHeaders
from session_api.mcp.jsonrpc import INTERNAL, INVALID_REQUEST, Message, RpcError, error_response

Json = dict[str, Any]
MAX_BATCH = 20
"""Messages: they are answered one after the other, within one request."""


def require_batch(headers: McpHeaders, messages: Sequence[object]) -> None:
    """Raises RpcError for an era without batches, and for an empty or too long batch."""
    if headers.one(VERSION_HEADER) not in (None, WITHOUT_HEADER):
        raise RpcError(
            INVALID_REQUEST,
            f"Only {WITHOUT_HEADER} has batches: send one message per POST.",
        )
    if not 1 <= len(messages) <= MAX_BATCH:
        raise RpcError(
            INVALID_REQUEST,
            f"Invalid request: a batch has 1–{MAX_BATCH} messages, got {len(messages)}.",
        )


def require_batched(message: Message) -> None:
    """Raises RpcError for initialize, which must be sent alone."""
    if message.method == "initialize":
        raise RpcError(INVALID_REQUEST, "Invalid request: initialize must come alone.")


def fit_answers(answers: Sequence[Json], room: int = ROOM) -> list[Json]:
    """The answers that fit into one response: the longest are replaced by an error. Those of writes
    are short, so none of them is ever replaced.
    """
    sizes = [answer_bytes(answer) for answer in answers]
    kept = list(answers)
    excess = sum(sizes) - room
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        if excess <= 0:
            break
        error = RpcError(
            INTERNAL, "The answers of this batch do not fit into one: send this message alone."
        )
        kept[place] = error_response(answers[place]["id"], error)
        excess -= sizes[place] - answer_bytes(kept[place])
    return kept
