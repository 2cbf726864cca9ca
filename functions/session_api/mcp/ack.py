"""The argument `ack` of every tool: ids of updates, or `<session>@<cursor>` for all updates of a
session up to that cursor. Only `ack` acknowledges; reading never does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.envelope import ack_of
from aiwebhook.commands.news import (
    MAX_ACK,
    acknowledge_first,
    reader_for,
    refused_ack,
    require_to_acknowledge,
)
from aiwebhook.commands.services import CommandServices
from aiwebhook.ports.command_rows import Acknowledgement, Change

_AT = "@"
_BY_CURSOR = '"ack": '
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """What a call acknowledges: its own session up to `cursor`, other `sessions`, single `ids`."""

    cursor: int | None = None
    sessions: Sequence[tuple[str, int]] = ()
    ids: Sequence[str] = field(default_factory=tuple[str, ...])


def read_ack(value: object) -> Ack:
    """Parse the argument. Of several cursors of one session the highest counts, as it includes the
    others. Raises Invalid.
    """
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    if len(given) > MAX_ACK:
        raise refused_ack(
            f"takes at most {MAX_ACK} items, got {len(given)}",
            f"Acknowledge {MAX_ACK} with each call; `<session>@<cursor>` covers a whole session.",
        )
    cursors: list[int] = []
    sessions: dict[str, int] = {}
    ids: list[str] = []
    for item in given:
        if item is None:
            continue
        session, at, seq = item.rpartition(_AT) if isinstance(item, str) else ("", "", "")
        if at:
            sessions[session] = max(cast("int", ack_of(seq)), sessions.get(session, 0))
        elif isinstance(item, str) and not item.isdigit():
            ids.append(item)
        else:
            cursors.append(cast("int", ack_of(item)))
    return Ack(
        cursor=max(cursors, default=None),
        sessions=tuple(sessions.items()),
        ids=tuple(dict.fromkeys(ids)),
    )


def acknowledge(services: CommandServices, request: CommandRequest, ack: Ack) -> None:
    """Acknowledge all but `cursor`, which the command does itself, in its own transaction.

    Raises Forbidden, Invalid, NotFound.
    """
    for session, cursor in ack.sessions:
        acknowledge_first(services, _about(request, session), cursor)
    if not ack.ids:
        return
    require_to_acknowledge(request.caller)
    done = services.store.acknowledge(
        Change(
            project_id=request.caller.project_id,
            session_id="",
            request_id=request.request_id,
            correlation_id=request.correlation_id,
        ),
        Acknowledgement(reader=reader_for(request), ids=ack.ids),
    )
    if done.unknown:
        names = ", ".join(repr(name[:100]) for name in done.unknown[:_NAMED])
        rest = len(done.unknown) - _NAMED
        more = f" and {rest} more" if rest > 0 else ""
        raise refused_ack(
            f"names no update in this project: {names}{more}; nothing was done",
            "Send what `next` of the earlier result said, or leave ack out.",
            code="update_not_found",
        )


def _about(request: CommandRequest, session_id: str) -> CommandRequest:
    return CommandRequest(
        caller=request.caller,
        command="ack_updates",
        session_id=session_id,
        data={},
        request_id=request.request_id,
        correlation_id=request.correlation_id,
        reader=request.reader,
    )


def ack_sentence(reply: Reply) -> str | None:
    """The sentence of `next` that says what to send as `ack`; None where there are no updates."""
    said: list[str] = [each["id"] for each in reply.elsewhere]
    asked_for: list[Any] = reply.data["updates"] if reply.command == "get_updates" else []
    # `next` also speaks of what the result itself reports, which has no id here.
    by_cursor = _BY_CURSOR in (reply.next or "") or bool(asked_for)
    if by_cursor and reply.session_id is not None:
        said.insert(0, f"{reply.session_id}{_AT}{reply.cursor}")
    elif asked_for:
        said = [each["id"] for each in asked_for]
    if not said:
        return None
    return f'Once the user knows this, send "ack": {json.dumps(said)} with your next call.'
