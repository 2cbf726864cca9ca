"""The operations that a folder of files supports; the others are refused when called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from aiwebhook.errors import AiWebhookError
from aiwebhook.http import Request, Response
from session_api.answer import Answer
from session_api.operation import ApiCall, Operation
from session_api.raw import RawRoute

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api_parts import SessionApi

Refusal = Callable[[str], AiWebhookError]
"""Makes the error for the operation or path named."""
_READS = frozenset({"listConversation", "listSessionEvents", "listEvents", "getArtifactContent"})
_TAGS = frozenset({"system", "documents"})
_INTRODUCTION = "introduction."


def folder_operations(operations: tuple[Operation, ...], refusal: Refusal) -> tuple[Operation, ...]:
    """Commands, which themselves refuse what needs the queue, and reads of content."""
    return tuple(
        each if _is_served(each) else replace(each, handle=_refuse(each.name, refusal))
        for each in operations
    )


def _is_served(operation: Operation) -> bool:
    named = operation.name in _READS or operation.tag in _TAGS
    return named or operation.command is not None


def _refuse(name: str, refusal: Refusal) -> Callable[[SessionApi, ApiCall, Any], Answer]:
    def handle(_api: SessionApi, _call: ApiCall, _params: Any) -> NoReturn:  # noqa: ANN401  reason: every operation's own
        raise refusal(f"The operation {name}")

    return handle


def folder_routes(routes: tuple[RawRoute, ...], refusal: Refusal) -> tuple[RawRoute, ...]:
    """The introduction; MCP, the spoken interface and sign-in are refused: a folder cannot
    hold their state.
    """

    def refuse(_api: SessionApi, request: Request, _limits: dict[str, str]) -> Response:
        raise refusal(f"{request.method} {request.path}")

    return tuple(
        each if each.module.startswith(_INTRODUCTION) else replace(each, handle=refuse)
        for each in routes
    )
