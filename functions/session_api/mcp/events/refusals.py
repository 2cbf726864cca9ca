"""Errors of events/*. The texts disagree about their numbers: this table is the one place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from session_api.mcp.eras import PREFIX
from session_api.mcp.jsonrpc import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from session_api.mcp.eras import McpClient

EVENTS = f"{PREFIX}events"


class Refusal(StrEnum):
    """Why a request for events is refused."""

    NOT_FOUND = "not_found"
    """No such kind, session, task or subscription."""
    FORBIDDEN = "forbidden"
    """The caller may not."""
    RESOURCE_EXHAUSTED = "resource_exhausted"
    """A limit is reached; `data` names it."""
    UNSUPPORTED = "unsupported"
    """This kind does not have it; `data` names it."""
    CALLBACK_ENDPOINT = "callback_endpoint"
    """The callback URL does not answer as it must; `data.reason` says how."""


_SKETCH: Mapping[Refusal, int] = {
    Refusal.NOT_FOUND: -32011,
    Refusal.FORBIDDEN: -32012,
    Refusal.RESOURCE_EXHAUSTED: -32013,
    Refusal.UNSUPPORTED: -32014,
    Refusal.CALLBACK_ENDPOINT: -32015,
}
"""The design sketch: ChatGPT, and every server that runs today."""
_SEP_3415: Mapping[Refusal, int] = {
    Refusal.NOT_FOUND: -32023,
    Refusal.FORBIDDEN: -32024,
    Refusal.RESOURCE_EXHAUSTED: -32025,
    Refusal.UNSUPPORTED: -32026,
    Refusal.CALLBACK_ENDPOINT: -32027,
}
"""The draft of 5 October 2026, which calls them provisional."""


def refused(client: McpClient, why: Refusal, message: str, **data: str | int) -> RpcError:
    """The error, by the numbers of the text that the client follows: who declares the extension
    follows the SEP.
    """
    codes = _SEP_3415 if EVENTS in client.extensions else _SKETCH
    return RpcError(codes[why], message, data=data or None, status=200)


def invalid(message: str) -> RpcError:
    """What does not fit the request's shape."""
    return RpcError(INVALID_PARAMS, f"Invalid params: {message}.")
