"""What every command is made of: the request, the outcome, the reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiwebhook.domain.identity import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """A command as a door hands it over; `data` is not validated yet.

    `idempotency_key` comes from the header or `request_id` of the body; `fingerprint` is the SHA-256 of what
    was asked (door-independent where possible). `request_id` names this HTTP request in replies and logs.
    """

    caller: Caller
    command: str
    session_id: str | None
    data: Mapping[str, Any]
    request_id: str
    correlation_id: str
    idempotency_key: str | None = None
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer of every door. `say` is fit to be spoken: at most two sentences, no ids, no markup.

    `updates` are the session's finished tasks and questions the caller has not been told yet;
    `cursor` is the session's last event `seq`, where an event reader goes on.
    """

    command: str
    session_id: str | None
    message: str
    say: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    updates: tuple[dict[str, Any], ...] = ()
    cursor: int | None = None
    request_id: str
    replayed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The success body of WIRE §1."""
        return {
            "type": "collaborative_session_response",
            "command": self.command,
            "session_id": self.session_id,
            "status": "success",
            "message": self.message,
            "say": self.say,
            "data": self.data,
            "updates": list(self.updates),
            "cursor": self.cursor,
            "request_id": self.request_id,
        }
