"""What the `data` of each command's reply holds. Answers may hold more than is required here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from aiwebhook.commands.fields import MemoryTypeName, StatusOfSession, StatusOfTask
from aiwebhook.domain.waiting import WaitReason

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_TEXT_OR_NULL: Json = {"type": ["string", "null"]}
_WHOLE: Json = {"type": "integer"}
_WHOLE_OR_NULL: Json = {"type": ["integer", "null"]}
_NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
_TRUTH: Json = {"type": "boolean"}
_ANY_OBJECT: Json = {"type": "object"}
_OBJECT_OR_NULL: Json = {"type": ["object", "null"]}
_TIME: Json = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}
_SESSION: Json = {"enum": list(get_args(StatusOfSession))}
_TASK: Json = {"enum": list(get_args(StatusOfTask))}
_KIND: Json = {"enum": list(get_args(MemoryTypeName))}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(optional: Mapping[str, Json] | None = None, /, **required: Json) -> Json:
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": sorted(required), "properties": properties}


def _page(name: str, item: Json) -> Json:
    return _object(**{name: _list(item)}, count=_WHOLE, next_cursor=_TEXT_OR_NULL)


_TEXTS = _list(_TEXT)
_QUEUE = _object(
    reason={"enum": [reason.value for reason in WaitReason]},
    explanation=_TEXT,
    position=_WHOLE_OR_NULL,
    estimate_s=_WHOLE_OR_NULL,
    until=_TIME_OR_NULL,
    waits_for=_TEXTS,
    warning=_TEXT_OR_NULL,
)
_QUEUE_OR_NULL: Json = {"anyOf": [_QUEUE, {"type": "null"}]}
_SESSION_STATE = _object(title=_TEXT_OR_NULL, status=_SESSION)
_GLANCE: Mapping[str, Json] = {
    "title": _TEXT_OR_NULL,
    "status": _SESSION,
    "time_zone": _TEXT_OR_NULL,
    "context": _TEXT_OR_NULL,
    "last_words": _list(_object(chunk_id=_TEXT, text=_TEXT)),
    "decisions": _list(_object(key=_TEXT, type=_KIND, text=_TEXT_OR_NULL)),
    "open_items": _list(_object(key=_TEXT, type=_KIND, text=_TEXT_OR_NULL)),
    "running_tasks": _list(
        _object(task_id=_TEXT, agent_name=_TEXT, status=_TASK, description=_TEXT_OR_NULL)
    ),
    "finished_tasks": _list(
        _object(task_id=_TEXT, agent_name=_TEXT, status=_TASK, description=_TEXT_OR_NULL, say=_TEXT)
    ),
}
_MEMORY = _object(
    key=_TEXT,
    type=_KIND,
    content={"type": ["string", "object"]},
    tags=_TEXTS,
    version=_WHOLE,
    source=_OBJECT_OR_NULL,
    created_at=_TIME,
)
_TASK_STATE: Mapping[str, Json] = {"task_id": _TEXT, "agent_name": _TEXT, "agent_title": _TEXT}
_ARTIFACT: Mapping[str, Json] = {
    "artifact_id": _TEXT,
    "session_id": _TEXT,
    "task_id": _TEXT_OR_NULL,
    "name": _TEXT,
    "type": _TEXT,
    "format": _TEXT_OR_NULL,
    "size": _WHOLE,
    "content_type": _TEXT_OR_NULL,
    "metadata": _ANY_OBJECT,
    "created_at": _TIME,
}
_AGENT = _object(
    {
        "input_schema": _OBJECT_OR_NULL,
        "output_schema": _OBJECT_OR_NULL,
        "timeout_s": _WHOLE_OR_NULL,
        "max_attempts": _WHOLE_OR_NULL,
        "max_cost_usd": _NUMBER_OR_NULL,
    },
    agent_name=_TEXT,
    agent_title=_TEXT,
    aliases=_TEXTS,
    description=_TEXT_OR_NULL,
    capabilities=_TEXTS,
    takes_repository=_TRUTH,
    can_work=_TRUTH,
    status={"enum": ["available", "busy", "offline", "error"]},
    reason=_TEXT_OR_NULL,
    running=_WHOLE,
    queued=_WHOLE,
    max_concurrent=_WHOLE,
)
_TASK_DETAILS: Mapping[str, Json] = {
    "task_type": _TEXT,
    "description": _TEXT,
    "input": _ANY_OBJECT,
    "repository": _ANY_OBJECT,
    "depends_on": _TEXTS,
    "callback_url": _TEXT,
    "max_attempts": _WHOLE,
    "timeout_s": _WHOLE,
    "max_cost_usd": {"type": "number"},
    "cancel_requested": _TRUTH,
    "not_before": _TIME,
    "deadline": _TIME,
    "claimed_at": _TIME,
    "launched_at": _TIME,
    "started_at": _TIME,
    "finished_at": _TIME,
    "output": _ANY_OBJECT,
    "output_url": _TEXT,
    "output_url_expires_at": _TIME,
    "output_size": _WHOLE,
    "say": _TEXT,
    "error": _ANY_OBJECT,
    "exit_code": _WHOLE,
    "notes": _list(_ANY_OBJECT),
    "runs": _list(_ANY_OBJECT),
    "usage": _ANY_OBJECT,
    "queue": _QUEUE_OR_NULL,
    "next_poll_ms": _WHOLE,  # it goes on, and the request was not held
}
_TASK_ALWAYS: Mapping[str, Json] = {
    "session_id": _TEXT,
    "priority": _WHOLE,
    "attempts": _WHOLE,
    "created_at": _TIME,
}
_DELEGATED = _object(
    # With wait_s: the task as get_task has it.
    {**_TASK_DETAILS, **_TASK_ALWAYS, "local_times": {"type": "object"}},
    **_TASK_STATE,
    status=_TASK,
)
_COMMAND_HELP = _object(command=_TEXT, summary=_TEXT, example=_ANY_OBJECT)

REPLY_DATA: Mapping[str, Json] = {
    "create_session": _SESSION_STATE,
    "resume_session": _object(**_GLANCE),
    "pause_session": _SESSION_STATE,
    "complete_session": _SESSION_STATE,
    "delete_session": _object(title=_TEXT_OR_NULL, deleted=_TRUTH),
    "list_sessions": _page(
        "sessions",
        _object(
            session_id=_TEXT,
            title=_TEXT_OR_NULL,
            participants=_TEXTS,
            status=_SESSION,
            created_at=_TIME,
            last_activity_at=_TIME,
        ),
    ),
    "get_session_summary": _object(
        session_id=_TEXT,
        title=_TEXT_OR_NULL,
        participants=_TEXTS,
        context=_TEXT_OR_NULL,
        time_zone=_TEXT_OR_NULL,
        status=_SESSION,
        created=_TIME,
        last_activity=_TIME,
        duration_minutes={"type": "number"},
        stats={"type": "object", "additionalProperties": _WHOLE},
        usage=_ANY_OBJECT,
    ),
    "catch_up": _object(**_GLANCE),
    "append_conversation": _object(chunk_id=_TEXT, size=_WHOLE, format=_TEXT),
    "get_conversation": _page(
        "chunks",
        _object(
            {"part": _object(**{"from": _WHOLE, "to": _WHOLE, "of": _WHOLE})},
            chunk_id=_TEXT,
            seq=_WHOLE,
            content=_TEXT,
            format=_TEXT,
            participants=_TEXTS,
            start_time=_TIME_OR_NULL,
            end_time=_TIME_OR_NULL,
            created_at=_TIME,
        ),
    ),
    "store_memory": _object(key=_TEXT, type=_KIND, tags=_TEXTS, version=_WHOLE),
    "retrieve_memory": _MEMORY,
    "forget_memory": _object(key=_TEXT, versions=_WHOLE, forgotten=_TRUTH),
    "query_memories": _page("memories", _MEMORY),
    "list_memories": _page("memories", _MEMORY),
    "list_agents": _object(agents=_list(_AGENT), count=_WHOLE),
    "delegate_task": _DELEGATED,
    "get_task": _object(
        {
            **_TASK_DETAILS,
            "artifacts": _list(_object(artifact_id=_TEXT, name=_TEXT, type=_TEXT, size=_WHOLE)),
            "artifacts_more": _TRUTH,
        },
        **_TASK_STATE,
        **_TASK_ALWAYS,
        status=_TASK,
    ),
    "cancel_task": _object(**_TASK_STATE, status=_TASK, cancel_requested=_TRUTH),
    "retry_task": _DELEGATED,
    "reply_to_task": _object(**_TASK_STATE, message_no=_WHOLE),
    "list_tasks": _page(
        "tasks",
        _object(
            **_TASK_STATE,
            session_id=_TEXT,
            task_type=_TEXT_OR_NULL,
            description=_TEXT_OR_NULL,
            status=_TASK,
            priority=_WHOLE,
            attempts=_WHOLE,
            created_at=_TIME,
            finished_at=_TIME_OR_NULL,
            say=_TEXT_OR_NULL,
        ),
    ),
    "add_artifact": _object(
        artifact_id=_TEXT, name=_TEXT, type=_TEXT, format=_TEXT_OR_NULL, size=_WHOLE
    ),
    "get_artifact": _object(
        {"content_base64": _TEXT, "content_url": _TEXT, "content_url_expires_at": _TIME},
        **_ARTIFACT,
        content=_TEXT_OR_NULL,
    ),
    "list_artifacts": _page("artifacts", _object(**_ARTIFACT)),
    "get_updates": _object(
        {"pruned": _WHOLE},
        updates=_list(_ANY_OBJECT),
        count=_WHOLE,
        total=_WHOLE,
        next_cursor=_TEXT_OR_NULL,
    ),
    "ack_updates": _object(acknowledged=_WHOLE),
    "help": _object(
        {
            "commands": _list(_COMMAND_HELP),
            "count": _WHOLE,
            "guide": _TEXT,
            **_COMMAND_HELP["properties"],
            "schema": _ANY_OBJECT,
        }
    ),
    "batch": _object(
        {"conversation_chunk": _ANY_OBJECT},
        results=_list(_object(index=_WHOLE, command=_TEXT, status={"enum": ["success", "error"]})),
        succeeded=_WHOLE,
        failed=_WHOLE,
        atomic=_TRUTH,
    ),
}
"""By command."""


def reply_schema(command: str, reply: Json) -> Json:
    """The reply to one command: `reply`, and what its `data` is."""
    properties = {"command": {"const": command}, "data": REPLY_DATA[command]}
    return {"allOf": [reply, {"type": "object", "properties": properties}]}
