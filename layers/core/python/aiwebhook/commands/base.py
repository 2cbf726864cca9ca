"""What every command is made of: the request, the outcome, the reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiwebhook.clock import utc_now
from aiwebhook.domain.answer_size import ROOM
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.domain.identity import Caller
from aiwebhook.errors import FieldError
from aiwebhook.ports.command_rows import Change, Idempotency, NewsMode, Reader, Written
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.usecases.granted_waits import AskedWait

COMMAND, INSIGHT, TASK_COMMAND = (
    "collaborative_session_command",
    "llm_conversation_insight",
    "task_command",
)
KINDS = (COMMAND, INSIGHT, TASK_COMMAND)
"""The `type` of every message of `POST /webhook`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionNote:
    """One thing that was read another way. `renamed`: only its name or place was another, which a
    refusal for other reasons tells too, because its pointers use the right ones.
    """

    pointer: str
    message: str
    renamed: bool = False

    def __str__(self) -> str:
        return f"{self.pointer} {self.message}"

    def as_error(self) -> FieldError:
        """The same among the errors of a refusal."""
        return FieldError(pointer=self.pointer, message=self.message)


def shown_notes(notes: Sequence[ConversionNote]) -> tuple[str, ...]:
    """For the reply: the first five."""
    return tuple(str(note) for note in notes[:5])


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """A command as a door hands it over; `data` is not validated yet.

    `idempotency_key` comes from the header or `request_id` of the body; `fingerprint` is the
    SHA-256 of what was asked, made by `execute` when a door leaves it empty. `request_id` names
    this HTTP request in replies and logs. `pointer` is where `data` lies in the caller's body, so
    that errors name the caller's fields.

    `reader` names the conversation (None: the session's own), `ack` the cursor of a reply that it
    has passed on; `safe`: by a method that changes nothing, nor how often news was told.

    `lenient`: data in another form is taken where it can mean one thing only
    (`understanding`); `notes` say what was read another way already. `connection`: through
    what the caller speaks, where the session it uses is to be remembered. `key_valid_s`: how
    long the idempotency key is valid. `room`: how much data the door can take in an answer, as
    `answer_bytes` counts; a list ends before it, and says where it goes on.
    """

    caller: Caller
    command: str
    session_id: str | None
    data: Mapping[str, Any]
    request_id: str
    correlation_id: str
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    pointer: str = "/data"
    reader: str | None = None
    ack: int | None = None
    safe: bool = False
    lenient: bool = False
    notes: tuple[str, ...] = ()
    connection: str | None = None
    key_valid_s: int = KEY_LIFE_S
    room: int = ROOM
    arrived_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """Where and for whom a validated command runs. `session_id` is empty when the command has none;
    `pointer` is where its data lies in the caller's body."""

    caller: Caller
    command: str
    session_id: str
    request_id: str
    correlation_id: str
    reader: Reader
    news_mode: NewsMode = NewsMode.COUNTED
    idempotency: Idempotency | None = None
    pointer: str = "/data"
    in_batch: bool = False
    lenient: bool = False
    connection: str | None = None
    room: int = ROOM

    @property
    def project_id(self) -> str:
        """The caller's project; nothing outside it is ever read or written."""
        return self.caller.project_id

    def asked_wait(self, wait_s: float) -> AskedWait:
        """The caller asks for the request to be held so long."""
        return AskedWait(project_id=self.project_id, holder=self.caller.key_id, wait_s=wait_s)

    def change(self, session_id: str | None = None) -> Change:
        """The envelope of a write in this context, or in another session."""
        return Change(
            project_id=self.caller.project_id,
            session_id=self.session_id if session_id is None else session_id,
            request_id=self.request_id,
            correlation_id=self.correlation_id,
            idempotency=self.idempotency,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command did or found. `session_id` is the session it turned out to concern.

    `existing`: nothing was written, because exactly this was there already.
    `waited_for`: tasks that it has ended, and that others wait for.
    `includes_news`: the data is news, up to `cursor`; the reply does not tell it a second time.
    """

    data: dict[str, Any]
    session_id: str | None = None
    cursor: int | None = None
    outbox: tuple[OutboxRow, ...] = ()
    existing: bool = False
    waited_for: tuple[str, ...] = ()
    includes_news: bool = False

    @classmethod
    def of(cls, written: Written, *, session_id: str) -> Outcome:
        """The outcome of a write."""
        return cls(
            data=written.data,
            session_id=session_id,
            cursor=written.cursor,
            outbox=written.outbox,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """How a command words its outcome: `message` to read, `say` to be spoken (≤ 2
    sentences, no ids).
    """

    message: str
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer of every door. `say` is fit to be spoken: at most two sentences, no
    ids, no markup.

    `updates` are the session's finished tasks and questions that this reader has not acknowledged,
    oldest first, `updates_more` those beyond; `elsewhere` those of other sessions that nobody has,
    in short. `cursor` is an event `seq` of the session, where an event reader goes on: the last
    one, or that of the last update when more wait behind it. `next` says how to acknowledge.
    `notes` say what was read in another form than the one it was sent in.
    """

    command: str
    session_id: str | None
    message: str
    say: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    updates: tuple[dict[str, Any], ...] = ()
    updates_more: int = 0
    elsewhere: tuple[dict[str, Any], ...] = ()
    elsewhere_more: int = 0
    cursor: int | None = None
    next: str | None = None
    request_id: str
    replayed: bool = False
    notes: tuple[str, ...] = ()
    status: str = "success"

    def as_json(self) -> dict[str, Any]:
        """The success body of docs/wire.md."""
        return {
            "type": "collaborative_session_response",
            "command": self.command,
            "session_id": self.session_id,
            "status": self.status,
            "message": self.message,
            "say": self.say,
            "data": self.data,
            "updates": list(self.updates),
            "updates_more": self.updates_more,
            "elsewhere": list(self.elsewhere),
            "elsewhere_more": self.elsewhere_more,
            "cursor": self.cursor,
            "next": self.next,
            "request_id": self.request_id,
        } | ({"notes": list(self.notes)} if self.notes else {})
