"""Opaque list cursors: the keyset (time, id) of the last row told."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from aiwebhook.commands.base import CommandContext
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ids import CLIENT_ID
from aiwebhook.ports.command_rows import (
    Json,
    Page,
)


def page_of(context: CommandContext, limit: int, cursor: str | None) -> Page:
    """The page asked for, one row longer to see whether more follows. Raises Invalid."""
    if cursor is None:
        return Page(limit=limit + 1)
    try:
        time, identity = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = (datetime.fromisoformat(time), str(identity))
    except (ValueError, TypeError, binascii.Error, RecursionError) as exc:
        raise _not_ours(context) from exc
    if after[0].tzinfo is None or not CLIENT_ID.fullmatch(after[1]):
        raise _not_ours(context)
    return Page(limit=limit + 1, after=after)


def _not_ours(context: CommandContext) -> Invalid:
    error = FieldError(pointer=f"{context.pointer}/cursor", message="is not a cursor of ours")
    return Invalid("cursor is not one that a list has answered.", errors=(error,))


def next_cursor(rows: list[Json], limit: int, *, time: str, identity: str) -> str | None:
    """Cut `rows` to the limit; the cursor of the next page when there is one."""
    if len(rows) <= limit:
        return None
    del rows[limit:]
    last: dict[str, Any] = rows[-1]
    keyset = json.dumps([last[time].isoformat(), last[identity]])
    return base64.urlsafe_b64encode(keyset.encode()).decode().rstrip("=")
