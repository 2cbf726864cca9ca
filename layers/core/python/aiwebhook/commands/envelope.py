"""What any request may carry beside its command: who reads, and what was passed on."""

from __future__ import annotations

from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ids import CLIENT_ID

ENVELOPE = frozenset({"request_id", "reader", "ack"})
"""Fields of any message that are no part of what is asked: the same request with others of these is
still the same."""
NEWS_FIELDS = ("updates", "updates_more", "elsewhere", "elsewhere_more", "cursor", "next")
"""Fields of any answer that tell what finished meanwhile."""
NO_READER = "none"
"""The reader of a program that passes nothing on, such as a CLI: its replies carry no news."""


def reader_of(in_request: object, in_header: str | None = None) -> str | None:
    """The name of a conversation. The body or query names it; the X-Reader header may stand for a
    whole client. Raises Invalid.
    """
    value = in_header if in_request is None else in_request
    if value is None:
        return None
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        message = "must be 1–128 characters: letters, digits, and . _ : - after the first"
        raise Invalid(
            f"reader {message}.",
            remedy="Choose one id per conversation and send it each time, or leave reader out.",
            errors=(FieldError(pointer="/reader", message=message),),
        )
    return value


def ack_of(value: object) -> int | None:
    """The `cursor` of an earlier reply; its digits as text will do. Raises Invalid."""
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = "must be the cursor of an earlier reply, an integer"
        raise Invalid(
            f"ack {message}.",
            remedy='Send "ack" with the number from "cursor", such as "ack": 42.',
            errors=(FieldError(pointer="/ack", message=message),),
        )
    return value
