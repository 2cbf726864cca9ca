"""Opens the session that a message needs, where the message itself is no command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiwebhook.commands.base import CommandRequest
from aiwebhook.commands.envelope import NO_READER
from aiwebhook.commands.execute import execute
from aiwebhook.commands.services import CommandServices
from aiwebhook.errors import Conflict


def open_session(
    services: CommandServices, request: CommandRequest, session_id: str, data: dict[str, Any]
) -> None:
    """`data` as create_session takes it; it is ignored if the session exists already."""
    create = replace(
        request,
        command="create_session",
        session_id=session_id,
        data=data,
        idempotency_key=None,
        fingerprint=b"",
        reader=NO_READER,
        ack=None,
    )
    try:
        execute(services, create)
    except Conflict:
        return  # somebody else opened it, perhaps with other words: it exists, which is what counts
