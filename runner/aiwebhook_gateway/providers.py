"""The providers: the prefix of each one's API, and which of its paths are passed on."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiwebhook.domain.provider import Provider
from aiwebhook_gateway.jsons import JsonObject
from aiwebhook_gateway.metering import anthropic, chat, gemini, responses
from aiwebhook_gateway.metering.tally import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A path of a provider that agents may use. Nothing else is passed on: batches, files and
    background answers would cost money that no answer reports.
    """

    name: str
    """For the log: contains no part of the request."""
    method: str
    path: re.Pattern[str]
    count: Count | None = None
    """How its answers are metered; None where they cost nothing."""
    query: Mapping[str, frozenset[str]] | None = None
    """Parameters that are passed on, with their allowed values; an empty set
    allows any plain word.
    """
    must: tuple[str, str] | None = None
    """A parameter without which the answer could not be metered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderApi:
    """How to talk to one provider."""

    doors: tuple[Door, ...]
    credential: Callable[[str], tuple[str, str]]
    """The header that carries the key."""
    error: Callable[[int, str, str], JsonObject]
    """An error body in the provider's format, from status, code and message."""
    origin: str


_MODEL = r"[A-Za-z0-9._@-]+"
_SSE = frozenset({"sse"})
_PLAIN: frozenset[str] = frozenset()


def _anthropic_error(status: int, code: str, message: str) -> JsonObject:
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
    kinds |= {400: "invalid_request_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message, "code": code}}


def _openai_error(status: int, code: str, message: str) -> JsonObject:
    # Some clients retry an error of type server_error whatever its status.
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _google_error(status: int, code: str, message: str) -> JsonObject:
    names = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"}
    names |= {404: "NOT_FOUND", 504: "DEADLINE_EXCEEDED"}
    name = names.get(status, "UNAVAILABLE")
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code.upper()}
    error = {"code": status, "message": message, "status": name, "details": [detail]}
    return {"error": error}


APIS: Mapping[Provider, ProviderApi] = {
    Provider.ANTHROPIC: ProviderApi(
        doors=(
            Door(
                name="anthropic.messages",
                method="POST",
                path=re.compile("/v1/messages"),
                count=anthropic.count,
                query={"beta": _PLAIN},
            ),
            Door(
                name="anthropic.count_tokens",
                method="POST",
                path=re.compile("/v1/messages/count_tokens"),
                query={"beta": _PLAIN},
            ),
            Door(
                name="anthropic.models",
                method="GET",
                path=re.compile(f"/v1/models(/{_MODEL})?"),
                query={"limit": _PLAIN},
            ),
        ),
        credential=lambda key: ("x-api-key", key),
        error=_anthropic_error,
        origin="https://api.anthropic.com",
    ),
    Provider.OPENAI: ProviderApi(
        doors=(
            Door(
                name="openai.responses",
                method="POST",
                path=re.compile("/v1/responses(/compact)?"),
                count=responses.count,
            ),
            Door(
                name="openai.chat",
                method="POST",
                path=re.compile("/v1/chat/completions"),
                count=chat.count,
            ),
            Door(name="openai.models", method="GET", path=re.compile(f"/v1/models(/{_MODEL})?")),
        ),
        credential=lambda key: ("Authorization", f"Bearer {key}"),
        error=_openai_error,
        origin="https://api.openai.com",
    ),
    Provider.GOOGLE: ProviderApi(
        doors=(
            Door(
                name="google.generate",
                method="POST",
                path=re.compile(f"/v1(beta)?/models/(?P<model>{_MODEL}):generateContent"),
                count=gemini.count,
            ),
            Door(
                name="google.stream",
                method="POST",
                path=re.compile(f"/v1(beta)?/models/(?P<model>{_MODEL}):streamGenerateContent"),
                count=gemini.count,
                query={"alt": _SSE},
                must=("alt", "sse"),
            ),
            Door(
                name="google.count_tokens",
                method="POST",
                path=re.compile(f"/v1(beta)?/models/{_MODEL}:countTokens"),
            ),
            Door(
                name="google.models",
                method="GET",
                path=re.compile(f"/v1(beta)?/models(/{_MODEL})?"),
            ),
        ),
        credential=lambda key: ("x-goog-api-key", key),
        error=_google_error,
        origin="https://generativelanguage.googleapis.com",
    ),
}
