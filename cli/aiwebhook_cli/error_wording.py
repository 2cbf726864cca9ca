"""Errors of the API in the words of the command line: options and commands, no wire names. Pure.

What the API calls `/data/filter`, a person gave as `--status`; where it advises `create_session`,
they type `aiwebhook session create`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiwebhook.errors import AiWebhookError, FieldError, Forbidden, Unauthorized

COMMANDS: Mapping[str, str] = {
    "create_session": "aiwebhook session create",
    "list_sessions": "aiwebhook session list",
    "get_session_summary": "aiwebhook session summary",
    "pause_session": "aiwebhook session pause",
    "resume_session": "aiwebhook session resume",
    "complete_session": "aiwebhook session complete",
    "delete_session": "aiwebhook session delete",
    "delegate_task": "aiwebhook task delegate",
    "get_task": "aiwebhook task show",
    "list_tasks": "aiwebhook task list",
    "cancel_task": "aiwebhook task cancel",
    "retry_task": "aiwebhook task retry",
    "reply_to_task": "aiwebhook task reply",
    "list_artifacts": "aiwebhook artifact list",
    "get_artifact": "aiwebhook artifact show",
    "add_artifact": "aiwebhook artifact create",
    "list_agents": "aiwebhook agent list",
    "list_memories": "aiwebhook memory list",
    "query_memories": "aiwebhook memory list",
    "retrieve_memory": "aiwebhook memory show",
    "store_memory": "aiwebhook memory store",
    "forget_memory": "aiwebhook memory delete",
}
"""What a person types instead of a command of the API."""
_ADDRESSES: Mapping[str, str] = {
    "GET /v1/agents": "aiwebhook agent list",
    "GET /v1/keys": "aiwebhook keys list",
    "POST /v1/keys": "aiwebhook keys create",
    "GET /v1/projects": "aiwebhook projects list",
    "GET /v1/endpoints": "aiwebhook endpoints list",
    "GET /v1/deliveries": "aiwebhook callbacks list",
    "GET /v1/inbound": "aiwebhook deliveries list",
    "GET /v1/sources": "aiwebhook sources list",
}
OPTIONS: Mapping[str, str] = {
    "agent_name": "AGENT",
    "cidrs": "--cidr",
    "description": "DESCRIPTION",
    "event_types": "--event",
    "content": "CONTENT",
    "content_base64": "CONTENT",
    "filter": "--status",
    "input_data": "--input",
    "key": "KEY",
    "key_id": "KEY_ID",
    "message": "MESSAGE",
    "name": "NAME",
    "participants": "--participant",
    "rate_per_minute": "--rate",
    "scopes": "--scope",
    "tags": "--tag",
    "session_id": "SESSION_ID",
    "overlap_s": "--overlap",
    "timeout_s": "--timeout",
    "wait_s": "--wait",
}
"""Fields whose option or argument has another name; the others are `--` and the same word."""
_NAMED = re.compile(rf"'?\b({'|'.join(map(re.escape, [*_ADDRESSES, *COMMANDS]))})\b'?")
_WHOLE = {**_ADDRESSES, **COMMANDS}
_FIELD = re.compile(rf"\b({'|'.join(name for name in OPTIONS if '_' in name)})\b")
_NO_PLACE = "The request: "


def in_cli_terms(error: AiWebhookError, *, key_from: str) -> AiWebhookError:
    """The same error, worded for who typed the command. `key_from` is where the key was found."""
    faults = tuple(_fault(fault) for fault in error.errors)
    detail = error.detail
    if error.errors and error.errors[0].pointer:
        detail = detail.replace(error.errors[0].pointer, faults[0].pointer, 1)
    detail = detail.replace(_NO_PLACE, "This command ", 1)
    remedy = _commands(error.remedy)
    if isinstance(error, Unauthorized) and key_from:
        remedy = f"The key came from {key_from}. Give another one there, or with --key."
    elif isinstance(error, Forbidden) and error.code == "scope_missing":
        detail = f"{detail.removesuffix('.')} (the key from {key_from})."
        remedy = "'aiwebhook keys create NAME --scope …' makes one, with a key that has admin."
    elif faults and remedy.startswith("Correct the fields named in errors."):
        remedy = "Correct it, then try again; --help shows what the command takes."
    worded = type(error)(
        _commands(detail),
        code=error.code,
        remedy=remedy,
        errors=faults,
        retry_after_s=error.retry_after_s,
    )
    worded.__cause__ = error
    return worded


def option_of(pointer: str) -> str:
    """The option or argument that a JSON pointer into the request means."""
    first, _, rest = pointer.removeprefix("/data").strip("/").partition("/")
    if not first:
        return ""
    name = OPTIONS.get(first, f"--{first.replace('_', '-')}")
    return f"{name}: {rest}" if rest and not rest.isdecimal() else name


def _fault(fault: FieldError) -> FieldError:
    return FieldError(pointer=option_of(fault.pointer), message=_commands(fault.message))


def _commands(text: str) -> str:
    text = _NAMED.sub(lambda found: f"'{_WHOLE[found[1]]}'", text)
    return _FIELD.sub(lambda found: OPTIONS[found[1]], text)
