"""Opaque list cursors: the keyset (time, id) of the last row told."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from aiwebhook.commands.base import CommandContext
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ports.commands import Json, Page


def page_of(context: CommandContext, limit: int, cursor: str | None) -> Page:
    """The page a list command asks for, one row longer to see whether more follows. Raises Invalid."""
    if cursor is None:
        return Page(limit=limit + 1)
    try:
        time, identity = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = (datetime.fromisoformat(time), str(identity))
        if after[0].tzinfo is None or "\0" in after[1]:
            raise ValueError(cursor)
        after[1].encode("utf-8")
    except (ValueError, TypeError, binascii.Error, RecursionError) as exc:
        error = FieldError(pointer=f"{context.pointer}/cursor", message="is not a cursor of ours")
        raise Invalid("cursor is not one that a list has answered.", errors=(error,)) from exc
    return Page(limit=limit + 1, after=after)


def next_cursor(rows: list[Json], limit: int, *, time: str, identity: str) -> str | None:
    """Cut `rows` to the limit; the cursor of the next page when there is one."""
    if len(rows) <= limit:
        return None
    del rows[limit:]
    last: dict[str, Any] = rows[-1]
    keyset = json.dumps([last[time].isoformat(), last[identity]])
    return base64.urlsafe_b64encode(keyset.encode()).decode().rstrip("=")
