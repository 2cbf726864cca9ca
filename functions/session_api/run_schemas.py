# reason: one table of shapes for the Runs API; what is asked stands beside what is answered
"""Requests and responses of the Runs API (docs/wire.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_type_hints

from pydantic import Field, create_model, model_validator

from aiwebhook.commands.fields import WHOLE, AgentName, ContentType, json_size, one_of_these
from aiwebhook.domain.page import MAX_PAGE
from aiwebhook.domain.run import MAX_CONTEXT_PAGE, RunInput
from session_api.operation import ApiParams, ApiResult
from session_api.schemas import NextPoll, Wait

Json = dict[str, Any]
AgentExitCode = Annotated[int, WHOLE]
FreePlaces = Annotated[int, Field(ge=0, le=1000), WHOLE]
Details = Annotated[
    Json,
    json_size(8 * 1024),
    Field(description="What the worker reports about itself: version, host, concurrency, …"),
]
_NOTES = "What the worker itself changed or cut: objects with pointer and message."
LeaseToken = Annotated[str, Field(max_length=4096)]
LeaseTokens = Annotated[list[LeaseToken], Field(max_length=100)]
MAX_REPORTS = 50
WorkerId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[ -~]+$")]


class ClaimParams(ApiParams):
    """A worker claims work for `agents`. If `room` is given by agent, it serves no others."""

    worker_id: WorkerId
    agents: Annotated[list[AgentName], Field(min_length=1, max_length=50)]
    wait_s: Wait = 0
    details: Details | None = None
    room: FreePlaces | dict[AgentName, FreePlaces] | None = Field(
        default=None,
        description="How many more runs there is room for, in total "
        "or by agent; agents that are not named get none.",
    )


class HeartbeatsParams(ApiParams):
    """A heartbeat of a worker and its runs. `leases` holds the runs' lease tokens."""

    worker_id: WorkerId
    leases: LeaseTokens
    leaving: bool = Field(
        default=False,
        description="The worker claims no more: it is offline at once, and the claims it still has "
        "under way get no task. Its next claim puts it online again.",
    )


class BeatResult(ApiResult):
    """The state of one lease. `lost`: stop that run at once; its writes are refused."""

    task_id: str | None
    cancel: bool
    lost: bool
    lease_until: datetime | None


class HeartbeatsResult(ApiResult):
    """One result per lease token, in order."""

    beats: list[BeatResult]


class SignalsParams(ApiParams):
    """Which of these runs should stop? `leases` holds their lease tokens."""

    leases: LeaseTokens


class LeaseSignalResult(ApiResult):
    """What one run needs to know. `cancel`: somebody asked it to stop; `lost`: stop it at once."""

    task_id: str | None
    cancel: bool
    lost: bool


class SignalsResult(ApiResult):
    """One result per lease token, in order."""

    signals: list[LeaseSignalResult]


class StartParams(ApiParams):
    """Start a launched run."""

    bootstrap_code: Annotated[str, Field(min_length=1, max_length=500)]
    worker_id: WorkerId


class CheckpointResult(ApiResult):
    """What an earlier attempt left behind; `url` is a pre-signed GET of its archive."""

    data: Json
    url: str | None


_KINDS: dict[str, Any] = get_type_hints(RunInput) | {"checkpoint": CheckpointResult | None}
_FIELDS: dict[str, Any] = {name: (kind, ...) for name, kind in _KINDS.items()}
RunInputResult = create_model(
    "RunInputResult",
    __base__=ApiResult,
    __doc__="The run's input, and its lease token.",
    **_FIELDS,
)


class ContextParams(ApiParams):
    """One page of what the run may read."""

    after: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_CONTEXT_PAGE), WHOLE] = MAX_PAGE


class ContextResult(ApiResult):
    """Session, chunks oldest first, memories on the first page."""

    session: Json
    chunks: list[Json]
    memories: list[Json]
    next: str | None


class SignalParams(ApiParams):
    """Wait for a request to stop."""

    wait: Wait = 0


class SignalResult(ApiResult):
    """Whether the run should stop."""

    cancel: bool
    next_poll_ms: NextPoll | None = None


class HeartbeatParams(ApiParams):
    """A heartbeat of the run."""

    status: Annotated[str, Field(max_length=200)] | None = None
    progress: Json | None = None


class HeartbeatResult(ApiResult):
    """The lease was extended."""

    cancel: bool
    lease_until: datetime


class RunEventParams(ApiParams):
    """One line of a run."""

    type: Annotated[str, Field(min_length=1, max_length=64)]
    at: Annotated[str, Field(max_length=64)] | None = None
    data: Json = Field(default_factory=dict)


class RunEventsParams(ApiParams):
    """Progress and log lines, in order. `usage` is what the attempt has used so far; it stays
    recorded if the run is never heard from again. `first_no` numbers the first line within the
    attempt, from 1, so that a repeated call logs nothing twice.
    """

    model_config = one_of_these(
        "anyOf", events={"type": "array", "items": {}, "minItems": 1}, usage={"type": "object"}
    )

    events: Annotated[list[RunEventParams], Field(max_length=100)]
    first_no: Annotated[int, Field(ge=1, le=10**12), WHOLE] | None = None
    usage: Json | None = None

    @model_validator(mode="after")
    def _require_content(self) -> Self:
        if not self.events and self.usage is None:
            raise ValueError("needs events or usage")
        return self


class RunEventsResult(ApiResult):
    """They were stored."""

    accepted: int
    cancel: bool


class MessagesParams(ApiParams):
    """Follow-ups behind a number."""

    after: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None


class MessageResult(ApiResult):
    """A follow-up: text, or an object."""

    message_no: int
    message: str | Json
    created_at: datetime


class MessagesResult(ApiResult):
    """The next messages in order; repeat with the last one's number until the page is empty."""

    messages: list[MessageResult]


class CheckpointParams(ApiParams):
    """Where the next attempt continues if this one is lost. The archive must have been uploaded
    for this purpose.
    """

    data: Json
    content_sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    size: Annotated[int, Field(ge=0, le=5 * 1024**3), WHOLE] = 0


class CheckpointSavedResult(ApiResult):
    """It is stored until the task ends."""


class RunArtifactParams(ApiParams):
    """A result: text inline, or bytes uploaded before. The same name again replaces it."""

    model_config = one_of_these(
        "oneOf", content={"type": "string"}, content_sha256={"type": "string"}
    )

    name: Annotated[str, Field(min_length=1, max_length=500)]
    type: Annotated[str, Field(min_length=1, max_length=100)]
    format: Annotated[str, Field(max_length=100)] | None = None
    content: str | None = None
    content_sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    content_type: ContentType | None = None
    metadata: Json = Field(default_factory=dict)


class NoteResult(ApiResult):
    """A change: where (a JSON pointer into the report), and what was done."""

    pointer: str
    message: str


class RunArtifactResult(ApiResult):
    """Where it is stored. `notes`: what was changed, cut or left out so that it could be."""

    artifact_id: str
    notes: list[NoteResult]


class UploadParams(ApiParams):
    """An upload for content above 4 MB, or for a checkpoint's archive (short-lived)."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
    size: Annotated[int, Field(ge=1, le=5 * 1024**3), WHOLE]
    purpose: Literal["artifact", "checkpoint"] = "artifact"


class UploadResult(ApiResult):
    """PUT exactly the bytes there, with exactly these headers, within 15 minutes."""

    url: str
    headers: dict[str, str]


class RunMemoryParams(ApiParams):
    """Something the run learned."""

    type: Annotated[str, Field(min_length=1, max_length=100)]
    content: str | Json
    key: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    tags: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list)
    source: Json | None = None


class CompleteParams(ApiParams):
    """The run succeeded. A report is accepted whatever its content: what breaks a rule below is
    repaired, cut or left out, and the result's `notes` say so.
    """

    output: Json
    say: Annotated[str, Field(max_length=2000)] | None = None
    memories: Annotated[list[RunMemoryParams], Field(max_length=2000)] = Field(
        default_factory=list[RunMemoryParams]
    )
    forget: Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=2000)] = Field(
        default_factory=list
    )
    usage: Json | None = None
    exit_code: AgentExitCode | None = None
    messages_seen: Annotated[int, Field(ge=0, le=2**62), WHOLE] | None = Field(
        default=None,
        description="The newest follow-up the run has handled; if there is a "
        "newer one, 409 messages_waiting. Omit it if the run reads none.",
    )
    notes: list[Json] | None = Field(default=None, description=_NOTES)


class LeasedReportParams(ApiParams):
    """`report` is what completeRun takes and, as there, is never refused for its content. An
    element that does not have this shape gets a `problem`; the others are processed.
    """

    lease_token: LeaseToken
    report: Json


class CompletionsParams(ApiParams):
    """Runs that succeeded, each with its lease token."""

    reports: Annotated[list[LeasedReportParams], Field(min_length=1, max_length=MAX_REPORTS)]


class CompletionResult(ApiResult):
    """`status` is the task's new status, or `problem` says why the report was refused."""

    task_id: str | None
    status: str | None
    problem: Json | None


class CompletionsResult(ApiResult):
    """One result per report, in order."""

    results: list[CompletionResult]


class FailParams(ApiParams):
    """The run failed. As with complete, the report is accepted whatever its content."""

    error_class: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    message: Annotated[str, Field(max_length=20_000)]
    remedy: Annotated[str, Field(max_length=5_000)] | None = None
    retryable: bool | None = None
    exit_code: AgentExitCode | None = None
    usage: Json | None = None
    output: Json | None = None
    notes: list[Json] | None = Field(default=None, description=_NOTES)


class EndedResult(ApiResult):
    """The task's new status."""

    status: str
