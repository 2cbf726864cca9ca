"""The event catalogue (docs/wire.md). A new event type is one line here."""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    """Every change is one of these."""

    SESSION_CREATED = "session.created"
    SESSION_PAUSED = "session.paused"
    SESSION_RESUMED = "session.resumed"
    SESSION_COMPLETED = "session.completed"
    SESSION_DELETED = "session.deleted"
    CONVERSATION_APPENDED = "conversation.appended"
    MEMORY_STORED = "memory.stored"
    MEMORY_FORGOTTEN = "memory.forgotten"
    ARTIFACT_CREATED = "artifact.created"
    TASK_CREATED = "task.created"
    TASK_CLAIMED = "task.claimed"
    TASK_STARTED = "task.started"
    TASK_PROGRESS = "task.progress"
    TASK_INPUT_REQUIRED = "task.input_required"
    TASK_MESSAGE = "task.message"
    TASK_COMPLETED = "task.completed"
    TASK_FAILED = "task.failed"
    TASK_CANCELLED = "task.cancelled"
    TASK_REQUEUED = "task.requeued"
    AGENT_ONLINE = "agent.online"
    AGENT_OFFLINE = "agent.offline"
    DELIVERY_RECEIVED = "delivery.received"
    # Alerts of the notifier, published to SNS only: a callback about a failing callback helps
    # nobody.
    DELIVERY_DEAD = "delivery.dead"
    ENDPOINT_DISABLED = "endpoint.disabled"
    ENDPOINT_PING = "endpoint.ping"


# Published to SNS and offered to callback endpoints (requirement N1); the rest is in the event log
# only.
PUBLISHED = frozenset(
    {
        EventType.MEMORY_STORED,
        EventType.ARTIFACT_CREATED,
        EventType.TASK_INPUT_REQUIRED,
        EventType.TASK_COMPLETED,
        EventType.TASK_FAILED,
        EventType.TASK_CANCELLED,
        EventType.AGENT_ONLINE,
        EventType.AGENT_OFFLINE,
    }
)
# Alerts of the notifier go to SNS as well, but to no callback endpoint.
PUSHED = PUBLISHED | {EventType.DELIVERY_DEAD, EventType.ENDPOINT_DISABLED}
TASK_ENDED = frozenset({EventType.TASK_COMPLETED, EventType.TASK_FAILED, EventType.TASK_CANCELLED})
# Updates: repeated on replies until a reader acknowledges them. The statements that look for them,
# and their indexes, name these types themselves.
REPORTED = TASK_ENDED | {EventType.TASK_INPUT_REQUIRED}
