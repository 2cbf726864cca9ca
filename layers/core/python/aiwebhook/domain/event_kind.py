"""The kinds of events that MCP clients may follow, by the names they follow them under. Pure.

A kind stands for one or several types of the event log. Its name and what it promises only ever
grow: a change that breaks a reader gets a new name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from aiwebhook.domain.event import EventType


class Follow(StrEnum):
    """How a client gets events of a kind."""

    WEBHOOK = "webhook"
    """We post each to its URL."""
    POLL = "poll"
    """It asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """`types` of the log; `filters` are the arguments by which a client narrows it."""

    name: str
    description: str
    types: Sequence[EventType]
    follow: Sequence[Follow]
    filters: Sequence[str]


_TASK = ("session_id", "task_id", "agent")
_SESSION = ("session_id",)
_MADE = ("session_id", "task_id")
_OUTCOMES = (
    EventType.TASK_COMPLETED,
    EventType.TASK_FAILED,
    EventType.TASK_CANCELLED,
    EventType.TASK_INPUT_REQUIRED,
)
_KINDS = (
    EventKind(
        name="task.updated",
        description="A task has ended or asks something: one subscription for all that a user"
        " wants to be told of delegated work. `types` narrows it.",
        types=_OUTCOMES,
        follow=(Follow.WEBHOOK, Follow.POLL),
        filters=(*_TASK, "types"),
    ),
    EventKind(
        name="task.completed",
        description="A task has succeeded; `say` is its result in a sentence or two.",
        types=(EventType.TASK_COMPLETED,),
        follow=(Follow.WEBHOOK, Follow.POLL),
        filters=_TASK,
    ),
    EventKind(
        name="task.failed",
        description="A task has failed for good; `say` names the cause and what helps.",
        types=(EventType.TASK_FAILED,),
        follow=(Follow.WEBHOOK, Follow.POLL),
        filters=_TASK,
    ),
    EventKind(
        name="task.input_required",
        description="An agent asks something and waits for the answer; reply_to_task gives it.",
        types=(EventType.TASK_INPUT_REQUIRED,),
        follow=(Follow.WEBHOOK, Follow.POLL),
        filters=_TASK,
    ),
    EventKind(
        name="memory.stored",
        description="A decision, fact, idea, question or to-do was saved in a session.",
        types=(EventType.MEMORY_STORED,),
        follow=(Follow.WEBHOOK, Follow.POLL),
        filters=_SESSION,
    ),
    EventKind(
        name="artifact.created",
        description="A document was added to a session, by a person or by an agent.",
        types=(EventType.ARTIFACT_CREATED,),
        follow=(Follow.WEBHOOK, Follow.POLL),
        filters=_MADE,
    ),
    EventKind(
        name="session.updated",
        description="A session was opened, paused, resumed, completed or deleted.",
        types=(
            EventType.SESSION_CREATED,
            EventType.SESSION_PAUSED,
            EventType.SESSION_RESUMED,
            EventType.SESSION_COMPLETED,
            EventType.SESSION_DELETED,
        ),
        follow=(Follow.POLL,),
        filters=(*_SESSION, "types"),
    ),
    EventKind(
        name="delivery.received",
        description="A webhook came in, of GitHub for example.",
        types=(EventType.DELIVERY_RECEIVED,),
        follow=(Follow.POLL,),
        filters=("source", "event"),
    ),
    EventKind(
        name="task.progress",
        description="What agents report while they work; often, and seldom of interest to a user.",
        types=(EventType.TASK_PROGRESS,),
        follow=(Follow.POLL,),
        filters=_TASK,
    ),
)

EVENT_KINDS: Mapping[str, EventKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""By name, in the order in which they are listed."""
