"""Why a command-line agent failed, from the provider's HTTP status or the CLI's own message.

A status, where there is one, is more reliable than text. Whether we stopped the CLI ourselves is
decided elsewhere and takes precedence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.cli_json import as_object, as_text
from aiwebhook_runner.adapters.contract import ProcessEnd
from aiwebhook_runner.adapters.one_line import one_line
from aiwebhook_runner.jsons import NotJsonObject, decode_object
from aiwebhook_runner.output.messages import AgentError

SHELL_SIGNAL = 128
"""A program that handles signal n, or a shell around it, reports 128 + n."""
SIGKILL = 9
LAST_SIGNAL = 32
STDERR_LINES = 8
"""Earlier lines are warnings and would be mistaken for the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An error class; with its own remedy and retryability where the class's do not fit."""

    error_class: ErrorClass
    remedy: str | None = None
    retryable: bool | None = None


AUTH = Cause(error_class=ErrorClass.AUTH)
BUDGET = Cause(
    error_class=ErrorClass.BUDGET,
    remedy="Raise max_cost_usd, then retry the task.",
    retryable=False,
)
NO_CREDIT = Cause(
    error_class=ErrorClass.BUDGET,
    remedy="Top up the account at the provider, then retry the task.",
    retryable=False,
)
BAD_REQUEST = Cause(
    error_class=ErrorClass.MODEL,
    remedy="Read the run's log: the provider takes this request for invalid.",
    retryable=False,
)
NO_MODEL = Cause(
    error_class=ErrorClass.MODEL,
    remedy="Correct model in the agent's manifest to one that the key may use.",
    retryable=False,
)
NO_CONVERSATION = Cause(
    error_class=ErrorClass.MODEL,
    remedy="Retry the task; it starts a new conversation.",
    retryable=True,
)
NETWORK = Cause(error_class=ErrorClass.NETWORK)
CONTEXT = Cause(error_class=ErrorClass.CONTEXT)
RATE_LIMIT = Cause(error_class=ErrorClass.RATE_LIMIT)
OVERLOADED = Cause(error_class=ErrorClass.OVERLOADED)
SERVER = Cause(error_class=ErrorClass.SERVER)
TRUNCATED = Cause(error_class=ErrorClass.TRUNCATED)
REFUSED = Cause(error_class=ErrorClass.REFUSED)
MAX_TURNS = Cause(
    error_class=ErrorClass.MAX_TURNS,
    remedy="Split the task, or raise max_turns in the agent's manifest.",
)
BAD_OUTPUT = Cause(error_class=ErrorClass.BAD_OUTPUT)
NO_RESULT = Cause(error_class=ErrorClass.NO_RESULT)
KILLED = Cause(error_class=ErrorClass.KILLED)
OOM = Cause(error_class=ErrorClass.OOM)

_BY_STATUS: Mapping[int, Cause] = {
    400: BAD_REQUEST,
    401: AUTH,
    402: NO_CREDIT,
    403: AUTH,
    404: NO_MODEL,
    408: NETWORK,
    413: CONTEXT,
    422: BAD_REQUEST,
    429: RATE_LIMIT,
    503: OVERLOADED,
    529: OVERLOADED,
}

_NOISE = re.compile(r"API Error: |, url: [^\s)]+|, request id: [^\s)]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s| · ")


_Words = Mapping[tuple[str, ...], Cause]
"""Case-insensitive patterns, compiled at the first failure: most runs have none."""

_SURER_THAN_STATUS: _Words = {
    (r"budget_exceeded", r"budget (is |was )?(exceeded|spent)"): BUDGET,
    (
        r"insufficient_quota",
        r"exceeded your current quota",
        r"credit balance is too low",
    ): NO_CREDIT,
    (
        r"prompt is too long",
        r"context[ _]window",
        r"context_length",
        r"input token count",
        r"ran out of room",
        r"ContextOverflow",
    ): CONTEXT,
}
"""They come with 403, 429 and 400, which alone would mean something else."""

_CAUSES_BY_TEXT: _Words = {
    (r"max_output_tokens", r"output token maximum"): TRUNCATED,
    (r"content_filter", r"content policy", r"usage policy", r"for safety"): REFUSED,
    (
        r"no (conversation|rollout|session|thread) found",
        r"session .{0,60}not found",
    ): NO_CONVERSATION,
    (
        r"\b401\b",
        r"invalid.{0,12}api key",
        r"incorrect api key",
        r"api key not valid",
        r"not logged in",
        r"authenticat",
        r"Missing environment variable",
        r"auth method",
        r"must specify the \w+_API_KEY",
    ): AUTH,
    (r"\b429\b", r"rate.?limit", r"too many requests"): RATE_LIMIT,
    (r"\b(529|503)\b", r"overloaded", r"high demand", r"at capacity"): OVERLOADED,
    (
        r"\b404\b",
        r"model .{0,60}(not exist|not found)",
        r"issue with the selected model",
    ): NO_MODEL,
    (r"\b403\b", r"permission_denied"): AUTH,
    (
        r"ECONN|ENOTFOUND|EAI_AGAIN",
        r"fetch failed",
        r"connection (refused|failed|reset|error)",
        r"unable to connect",
        r"stream (disconnected|closed)",
        r"timed? ?out",
        r"tls handshake",
        r"terminated",
        r"error sending request",
        r"network",
    ): NETWORK,
    (r"\b5\d\d\b", r"server.?error", r"internal"): SERVER,
    (r"\b400\b", r"invalid_request", r"invalid argument"): BAD_REQUEST,
}


def cause_of(message: str, status: int = 0) -> Cause | None:
    """None when neither gives a cause; status 0 means that the CLI gave none."""
    if surer := _cause_in(message, _SURER_THAN_STATUS):
        return surer
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return SERVER
    return _cause_in(message, _CAUSES_BY_TEXT)


def _cause_in(message: str, words: _Words) -> Cause | None:
    for patterns, cause in words.items():
        if re.search("|".join(patterns), message, re.IGNORECASE):
            return cause
    return None


def agent_error(cause: Cause, cli: str, message: str) -> AgentError:
    """An error with the first sentence of the CLI's message. Later sentences advise a person at the
    terminal, and name addresses that only this run knows.
    """
    reason = _first_sentence(message).removeprefix(f"{cli} ") or "it failed without a reason."
    return AgentError(
        error_class=cause.error_class,
        message=f"{cli}: {reason}",
        remedy=cause.remedy,
        retryable=cause.retryable,
    )


def ended_without_result(cli: str, end: ProcessEnd) -> tuple[AgentError, ...]:
    """The error of a process that ended without reporting success or failure. Empty for a signal
    reported by the system: that is judged in the same way for all kinds of agents.
    """
    if end.exit_code < 0:
        return ()
    signal = end.exit_code - SHELL_SIGNAL
    if 0 < signal < LAST_SIGNAL:
        cause = OOM if signal == SIGKILL else KILLED
        return (agent_error(cause, cli, f"it was ended by signal {signal}."),)
    lines = end.stderr_tail.strip().splitlines()[-STDERR_LINES:]
    last = lines[-1] if lines else ""
    how = f"it ended with exit code {end.exit_code} without a result"
    cause = (cause_of("\n".join(lines)) if end.exit_code else None) or NO_RESULT
    return (agent_error(cause, cli, f"{how}: {last}" if last else f"{how}."),)


def _first_sentence(message: str) -> str:
    try:
        body = decode_object(message.encode("utf-8", "replace"))
    except NotJsonObject:
        body = {}
    text = one_line(as_text(as_object(body.get("error")).get("message")) or message)
    return _SENTENCE_END.split(_NOISE.sub("", text), maxsplit=1)[0].strip()
