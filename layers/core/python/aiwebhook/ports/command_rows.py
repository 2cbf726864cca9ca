"""What commands pass to their store, and what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.errors import Conflict
from aiwebhook.ports.messaging import Event, OutboxRow
from aiwebhook.ports.news_rows import Settled

Json = dict[str, Any]


class KeyTaken(Conflict):
    """The idempotency key already has an outcome; nothing was written."""

    code = "idempotency_key_taken"


class Collision(Conflict):
    """Two writers deadlocked and this one was rolled back; retry it."""

    code = "collision"
    retryable = True


class SessionStatus(StrEnum):
    """The status of a session."""

    ACTIVE = "active"
    """In use."""
    PAUSED = "paused"
    """Put aside by its users; whatever arrives is still stored."""
    COMPLETED = "completed"
    """Closed: it accepts nothing new until it is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """The caller's key for one write, and the SHA-256 of the request made under it. The key expires
    after `valid_s` seconds. `arrived_at`: when this try arrived, by its function's clock.
    """

    key: str
    fingerprint: bytes
    arrived_at: datetime = field(compare=False)
    valid_s: int = KEY_LIFE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What every write carries: where it happens, and under which names it is found again."""

    project_id: str
    session_id: str
    request_id: str
    correlation_id: str
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A committed write (or one that commits with its batch). `cursor` is the session's
    new last `seq`.
    """

    data: Json
    cursor: int | None
    outbox: tuple[OutboxRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTask(Written):
    """A write to a task, in whose session it is. `has_dependants`: it ended the task, and others
    wait for it.
    """

    session_id: str
    has_dependants: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOutcome:
    """The reply to a write under an idempotency key, kept until the key expires."""

    fingerprint: bytes
    request_id: str
    session_id: str | None
    data: Json
    cursor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to create. `fingerprint` tells an identical create from a conflicting one."""

    title: str | None
    participants: Sequence[str]
    context: str | None
    metadata: Json
    fingerprint: bytes
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Text inline, or the digest of its place in the blob store; never both. `size` in
    bytes of UTF-8.
    """

    text: str | None
    sha256: bytes | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChunk:
    """A piece of conversation."""

    chunk_id: str
    content: Content
    format: str
    start_time: datetime | None
    start_offset_s: int | None
    end_time: datetime | None
    participants: Sequence[str]
    extracted_items: Any
    metadata: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMemory:
    """A memory; the same key again makes the next version."""

    key: str
    type: str
    content: str | Json
    tags: Sequence[str]
    source: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtifact:
    """A result or document."""

    artifact_id: str
    task_id: str | None
    name: str
    type: str
    format: str | None
    content: Content
    metadata: Json
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """Work for an agent; limits are already filled from the agent's manifest."""

    task_id: str
    agent_name: str
    manifest: Json
    task_type: str | None
    description: str | None
    input: Json
    priority: int
    timeout_s: int
    max_attempts: int
    not_before: datetime | None
    deadline: datetime | None
    callback_url: str | None
    depends_on: Sequence[str]
    repository: Json | None = None
    """{repo, ref, pr}; None: the agent works in an empty folder."""
    max_cost_usd: float | None = None
    presumed_as: str | None = None
    """By which name the agent was asked for, where it is one that this process remembers."""
    delegated_by: str | None = None
    """The connection, over MCP; None by other ways: those are not woken."""
    delegated_with: str | None = None
    """The API key, or the connection; what it costs is counted to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list: at most `limit` rows after the keyset (time, id) of
    `after`, newest first.
    """

    limit: int
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryQuery:
    """Which memories: all given criteria must hold; every word of `text` must occur."""

    type: str | None = None
    tags: Sequence[str] = ()
    words: Sequence[str] = ()


class NewsMode(StrEnum):
    """How a reply treats news."""

    NOTHING = "nothing"
    """It carries none."""
    SHOWN = "shown"
    """It carries news without recording that: a safe method changes nothing."""
    COUNTED = "counted"
    """It carries news, and counts for each item how often its reader has been sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A conversation of a principal; `name` None: in each session the session's own."""

    principal: str
    name: str | None = None


class NewsAhead(Protocol):
    """News requested ahead of settling."""

    def suffices(self, settlement: Settlement, *, changed: bool) -> Settled | None:
        """What settling would return if it has nothing to write and, unless something `changed`,
        nobody to notify; else None.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is left to do after the commit: forget pushed outbox rows, wake those who wait, take the
    news for the reply.

    `resumed`: sessions that something was added to; of these, paused ones become active.
    `own_events` are no news to who caused them. `reported` is the task (id, status) that the reply
    is about anyway. `connection` used the session: it goes on there when it names none. `wrote`:
    the `seq` of the one event that the command wrote into the session. `found`: the news that went
    ahead of the command.
    """

    project_id: str
    session_id: str | None
    reader: Reader
    news_mode: NewsMode = NewsMode.COUNTED
    reported: tuple[str, str] | None = None
    pushed: Sequence[int] = ()
    changed: bool = False
    resumed: Sequence[str] = ()
    correlation_id: str = ""
    own_events: Sequence[Event] = ()
    connection: str | None = None
    wrote: int | None = None
    found: NewsAhead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What a reader acknowledges: the news of the change's session up to `cursor`, and single
    events of any session.
    """

    reader: Reader
    cursor: int | None = None
    ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeResult:
    """`acknowledged`: how many were new to the reader. Nothing was written when there are `unknown`
    ids, or the cursor is beyond `last_seq` (None: no such session).
    """

    acknowledged: int
    last_seq: int | None
    unknown: Sequence[str]
