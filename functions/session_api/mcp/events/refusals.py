"""Errors of events/*, with the error codes that the client understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.events_refusal import ErrorCodes, EventsRefusal
from session_api.mcp.eras import MCP_PREFIX
from session_api.mcp.jsonrpc import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from session_api.mcp.definition import RequestContext

EVENTS_EXTENSION = f"{MCP_PREFIX}events"


def codes_of(context: RequestContext) -> ErrorCodes:
    """The error codes of the setting; without one, of the specification that the client follows: a
    client that declares the extension follows the SEP.
    """
    if context.api.subscriptions.codes is not None:
        return context.api.subscriptions.codes
    return ErrorCodes.SEP if EVENTS_EXTENSION in context.client.extensions else ErrorCodes.SKETCH


def events_error(
    context: RequestContext, why: EventsRefusal, message: str, **data: str | int
) -> RpcError:
    """The error for a refusal, with the client's error code."""
    return RpcError(codes_of(context).of(why), message, data=data or None, status=200)


def invalid(message: str) -> RpcError:
    """The error for a request of the wrong shape."""
    return RpcError(INVALID_PARAMS, f"Invalid params: {message}.")
