"""The parts of the OpenAPI documents that are the same for every operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.idempotency import KEY_LIFE_IN_WORDS
from aiwebhook.domain.page import MAX_PAGE
from aiwebhook.error_codes import TYPE_BASE

Json = dict[str, Any]
ID = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"}
KEY = {"type": "string", "minLength": 1, "maxLength": 128}
DESCRIPTION = """Delegate work from a conversation to background agents, keep what was said and
decided, and be notified when something is finished. Operations on sessions, conversation, memories,
artifacts, tasks and updates are the commands of `POST /webhook` and return the same reply: the
resource in `data`, a sentence to say aloud in `say`, and finished work in `updates`, until it is
acknowledged. All other operations return the plain resource, lists as `{items, next_cursor}`.
A create returns 200. Errors are problem+json (RFC 9457); docs/errors.md lists their codes.
"""
RETIRING = """Custom GPTs with Actions retire from 11 December 2026 (Enterprise; other plans are
expected alike), and this document with them. Connect new apps by MCP.
"""
PARAMETERS: Mapping[str, str] = {
    "session_id": "The session, by the id it was created with.",
    "task_id": "The task, by the id it was delegated with.",
    "artifact_id": "The artifact.",
    "endpoint_id": "The callback endpoint.",
    "delivery_id": "The delivery: one that came in, or a callback by its webhook-id header.",
    "connection_id": "The connection's id.",
    "subscription_id": "The subscription's id.",
    "rule_id": "The rule's id, which its owner chose.",
    "source_id": "The source's id: the last part of its address.",
    "channel": "The channel's name.",
    "person_id": "The person's id.",
    "project_id": "The project's id.",
    "key_id": "The API key's id (not the key itself).",
    "key": "The memory's key, percent-encoded: `key%200`.",
    "asset": "File name.",
    "command": "Only this command, with its schema.",
    "limit": f"How many at most, 1–{MAX_PAGE}.",
    "cursor": "next_cursor of the page before.",
    "filter": "Only sessions of this status.",
    "search": "Words that occur in id, title, context or participants.",
    "type": "Only this type.",
    "tags": "Only memories that carry all these tags; separated by commas.",
    "text": "Words that must all occur.",
    "status": "Only this status.",
    "agent_name": "Only tasks for this agent.",
    "wait": "Wait up to this many seconds (at most 20) for something to report.",
    "reader": "The conversation that reads: a client-generated id, the same for every call.",
    "ack": "cursor of an earlier reply about this session; acknowledges the updates in it.",
    "after": "next_cursor of the page before; 'latest' starts at the end.",
    "after_seq": "Only events after this seq.",
    "types": "Only events of these types; separated by commas.",
}
REQUEST_ID = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[ -~]+$",
    "description": f"Makes a write safe to repeat for {KEY_LIFE_IN_WORDS}.",
}
READER = {**ID, "description": PARAMETERS["reader"]}
ACK = {"type": "integer", "minimum": 0, "maximum": 2**62, "description": PARAMETERS["ack"]}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": f"Makes a write safe to repeat for {KEY_LIFE_IN_WORDS}: the same request gets"
    " the same response, without any secret it created; a different request with the same key is"
    " refused (422).",
    "schema": {key: value for key, value in REQUEST_ID.items() if key != "description"},
}
ERRORS = {
    400: "Not a JSON object",
    401: "No valid credentials",
    403: "The key may not do this",
    404: "No such thing in this project",
    409: "The current state does not allow this",
    413: "Too large",
    415: "Unsupported media type",
    422: "A rule is broken; errors names the fields",
    429: "Rate limit reached; Retry-After says when",
    503: "Temporarily unavailable; Retry-After says when",
}
TASK_COMMAND_ANSWER: Json = {
    "type": "object",
    "description": "The answer to a task_command: its result, or that it is still running.",
    "required": ["status", "task_id", "say"],
    "properties": {
        "status": {"enum": ["pending", "completed", "failed", "cancelled"]},
        "task_id": {"type": "string"},
        "say": {"type": "string"},
        "output": {"type": ["object", "null"]},
        "error": {"type": "object"},
        "execution_time_ms": {"type": ["integer", "null"]},
    },
}
TAGS = {
    "commands": "Every command, at one address",
    "sessions": "What a conversation is about",
    "conversation": "What was said",
    "memories": "What to remember",
    "artifacts": "Results and documents",
    "tasks": "Work for agents",
    "updates": "What finished or needs an answer, until acknowledged",
    "events": "What happened, in order",
    "agents": "Agents and workers",
    "webhooks": "Received webhooks, with their exact bytes",
    "callbacks": "Signed callbacks (Standard Webhooks 1.0) and their log",
    "keys": "API keys",
    "people": "People who sign in and let programs act for them",
    "connections": "Programs that people have allowed to act for them (OAuth)",
    "projects": "Projects, with their audit logs and usage",
    "retention": "How long data is kept",
    "runs": "For runs and workers: the work, heartbeats, results",
    "system": "Health and documents",
}


MEDIA = {
    "getDocs": "text/html",
    "getDocsAsset": "text/javascript",
    "getArtifactContent": "*/*",
}
_KEYS = (
    "An API key with the scope that the operation names, such as read; admin implies all scopes, "
    "commands implies read."
)
SCHEMES: Mapping[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": _KEYS},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": _KEYS},
    "lease": {"type": "http", "scheme": "bearer", "description": "The lease token of a run"},
}
_TEXT = {"type": "string"}
PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. code is stable; remedy says what to do.",
    "required": ["type", "title", "status", "detail", "code", "retryable", "remedy", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [f"{TYPE_BASE}invalid"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "retryable": {"type": "boolean"},
        "remedy": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": _TEXT,
                    "message": _TEXT,
                    "suggestion": {"description": "A value that would be accepted there."},
                },
            },
        },
        "example": {"type": "object", "description": "A complete request that would be accepted."},
    },
}
_NEWS: Json = {
    "id": _TEXT,
    "type": _TEXT,
    "time": {"type": "string", "format": "date-time"},
    "task_id": _TEXT,
    "times": {
        "type": "integer",
        "description": "How often this reader has received it, this reply included.",
    },
    "say": {"type": "string", "description": "At most two sentences, fit to be spoken."},
}
UPDATE: Json = {
    "type": "object",
    "properties": {**_NEWS, "seq": {"type": "integer"}, "data": {"type": "object"}},
    "required": [*_NEWS, "seq", "data"],
}
ELSEWHERE: Json = {
    "type": "object",
    "properties": {**_NEWS, "session_id": _TEXT, "session_title": {"type": ["string", "null"]}},
    "required": [*_NEWS, "session_id", "session_title"],
}
REPLY_SCHEMA: Json = {
    "type": "object",
    "description": "The reply to every command, through every door.",
    "required": [
        *("type", "command", "status", "message", "say", "data", "updates", "updates_more"),
        *("elsewhere", "elsewhere_more", "request_id"),
    ],
    "properties": {
        "type": {"const": "collaborative_session_response"},
        "command": _TEXT,
        "session_id": {"type": ["string", "null"]},
        "status": {
            "enum": ["success", "partial", "failed"],
            "description": "success; for a batch, it depends on the items.",
        },
        "message": _TEXT,
        "say": {"type": "string", "description": "At most two sentences, fit to be spoken."},
        "data": {"type": "object", "description": "The resource, or the results."},
        "updates": {
            "type": "array",
            "description": "Tasks of the session that ended or ask something, oldest first, until "
            "acknowledged; each at most five times.",
            "items": UPDATE,
        },
        "updates_more": {
            "type": "integer",
            "description": "How many more get_updates returns; counted up to 1,000.",
        },
        "elsewhere": {
            "type": "array",
            "description": "Updates of other sessions, abridged.",
            "items": ELSEWHERE,
        },
        "elsewhere_more": {"type": "integer", "description": "How many more there are."},
        "cursor": {
            "type": ["integer", "null"],
            "description": "A seq of the session: the value for ack, and for after_seq.",
        },
        "next": {
            "type": ["string", "null"],
            "description": "With updates: how to acknowledge them, in one sentence.",
        },
        "request_id": _TEXT,
        "notes": {
            "type": "array",
            "description": "What was converted so that the request could be understood.",
            "items": _TEXT,
        },
    },
}
FIELDS: Mapping[str, str] = {
    "title": "What the session is about, in a few words.",
    "participants": "Who takes part.",
    "context": "Background that helps to follow the conversation.",
    "metadata": "Anything else, free-form.",
    "content": "The text itself; a memory may also be an object.",
    "time_zone": "IANA name such as Europe/Berlin, for times and dates without a zone.",
    "chunk_id": "An id of your own; the same chunk sent again is kept once.",
    "format": "Form of the content, such as dialogue, summary, transcript, markdown.",
    "start_time": "Start time (RFC 3339).",
    "end_time": "End time (RFC 3339).",
    "extracted_items": "What has already been extracted from it.",
    "type": "What kind it is.",
    "key": "A name to find it by; the same key again creates a new version. Generated if omitted.",
    "tags": "Words to find it by.",
    "name": "Display name.",
    "artifact_id": "An id of your own; generated if omitted.",
    "task_id": "The task it belongs to; when delegating, an id of your own.",
    "agent_name": "Which agent; `list_agents`, or GET /v1/agents, lists them.",
    "description": "What should be done, or what this is for.",
    "input_data": "Input that matches the agent's input_schema.",
    "task_type": "A name for this kind of work.",
    "timeout_s": "Stop a run after this many seconds.",
    "max_attempts": "Maximum number of attempts.",
    "not_before": "Do not start before (RFC 3339, with zone).",
    "deadline": "Give up when not done by then (RFC 3339, with zone).",
    "callback_url": "An https URL that receives a callback when the task ends.",
    "depends_on": "Ids of tasks that must complete first.",
    "repo": "Repository to work on: https URL, or owner/name on GitHub; else an empty folder.",
    "ref": "Branch, tag or commit to start from; the default branch if omitted.",
    "pr": "What to do with the changes: none, branch (pushed), draft or ready (pull request).",
    "max_cost_usd": "Stop the agent when its model calls have cost this many US dollars.",
    "wait_s": "Wait up to this many seconds for the result before responding (at most 20).",
    "message": "The message for the agent: text or an object.",
    "limit": f"How many at most, 1–{MAX_PAGE}.",
}
