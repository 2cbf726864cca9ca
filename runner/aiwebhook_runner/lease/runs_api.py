"""The Runs API as the supervisor sees it: a port, its values and its errors.

RunsApiError
├── ApiUnavailable   no answer, or "try again": network, 429, 5xx
├── LeaseLost        this run may write nothing any more: another attempt owns the task
└── ApiRefused       the request itself is wrong; repeating it cannot help
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, cast

from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.run import Checkpoint, RunTask
from aiwebhook_runner.jsons import JsonObject


class RunsApiError(Exception):
    """Root of the tree above."""


class ApiUnavailable(RunsApiError):
    """Try again, after `retry_after_s` if the server named a time."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class LeaseLost(RunsApiError):
    """Stop at once and write nothing."""


class ApiRefused(RunsApiError):
    """The message says why."""


class SignalUnsupported(RunsApiError):
    """Do not ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRequest:
    """The repository a task works on: `repo` is an https URL or GitHub's owner/name, `ref` a
    branch, tag or commit ("" is the default branch), `pr` none, branch, draft or ready."""

    repo: str
    ref: str = ""
    pr: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput(RunTask):
    """The task as handed to this run (docs/wire.md), its manifest and its repository read."""

    lease_token: str = field(repr=False)
    heartbeat_s: float = 20.0
    agent: AgentManifest
    repository: RepositoryRequest | None = None
    checkpoint: Checkpoint | None = None

    @classmethod
    def from_json(cls, data: JsonObject) -> "RunInput":
        """Raises KeyError, TypeError, ValueError or ManifestInvalid when it is none. Fields of a
        newer deployment are passed over."""
        manifest = cast("Mapping[str, object]", data["agent"])
        own = {one.name for one in fields(cls)} - {"agent", "repository", "checkpoint"}
        return cls(
            **cast("dict[str, Any]", {name: data[name] for name in own & data.keys()}),
            agent=AgentManifest.from_mapping(manifest, source="run input"),
            repository=_repository(data.get("repository")),
            checkpoint=_checkpoint(data.get("checkpoint")),
        )


def _repository(value: object) -> RepositoryRequest | None:
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, str | None]", value)
    return RepositoryRequest(
        repo=str(fields["repo"]), ref=fields.get("ref") or "", pr=fields.get("pr") or "none"
    )


def _checkpoint(value: object) -> Checkpoint | None:
    if not isinstance(value, dict):
        return None
    fields = cast("JsonObject", value)
    return Checkpoint(
        data=cast("JsonObject", fields.get("data") or {}),
        url=cast("str | None", fields.get("url")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPage:
    """One page of what was said and remembered; `next` is None on the last one."""

    session: JsonObject
    chunks: list[JsonObject]
    memories: list[JsonObject]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A pre-signed PUT."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArtifact:
    """An artifact as the API takes it: text inline, or bytes uploaded before."""

    name: str
    type: str
    format: str | None
    metadata: JsonObject
    content: str | None = None
    content_sha256: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMessage:
    """A follow-up (reply_to_task); numbers grow, with gaps."""

    number: int
    text: str


class MessagesWaiting(RunsApiError):
    """The task cannot be completed: a follow-up came that this run has not seen."""


class LeasedRun(Protocol):
    """What a run may do with its lease. Every method may raise any RunsApiError."""

    def context(self, *, after: str | None) -> ContextPage:
        """One page, oldest first."""
        ...

    def heartbeat(self) -> bool:
        """Extends the lease; True when the run is asked to stop."""
        ...

    def stop_asked(self) -> bool:
        """Whether the run is asked to stop. Writes nothing, so it may be asked often."""
        ...

    def send_events(
        self, events: list[JsonObject], *, first_no: int, usage: JsonObject | None = None
    ) -> bool:
        """Stores up to 100 events, of which the first is this run's event `first_no`; known numbers
        are passed over. True when the run is asked to stop. `usage` is what the attempt has used
        so far; it stays recorded should nobody hear of this run again."""
        ...

    def messages(self, *, after: int) -> list[TaskMessage]:
        """Follow-ups with a greater number, in order."""
        ...

    def save_checkpoint(self, data: JsonObject, *, sha256: str | None, size: int) -> None:
        """What the next attempt gets should this one be lost; replaces the one before. The archive
        of that digest was uploaded before (request_upload, for a checkpoint)."""
        ...

    def download(self, url: str, path: Path) -> None:
        """Streams the pre-signed GET into a file."""
        ...

    def request_upload(self, *, sha256: str, size: int, for_checkpoint: bool = False) -> Upload:
        """A place for content that is too large to go inline, or for a checkpoint's archive."""
        ...

    def put_upload(self, upload: Upload, path: Path) -> None:
        """Streams the file to where `request_upload` said."""
        ...

    def store_artifact(self, artifact: StoredArtifact) -> str:
        """Returns the artifact id; the same name replaces."""
        ...

    def complete(self, report: JsonObject) -> str:
        """The terminal write of a success, memories included. Returns the task's status. Raises
        MessagesWaiting when a follow-up after its `messages_seen` is there."""
        ...

    def fail(self, report: JsonObject) -> str:
        """The terminal write of this attempt. Returns pending, failed or cancelled."""
        ...

    def release(self) -> None:
        """Hands the task back unharmed; the attempt is not charged."""
        ...


class RunsApi(Protocol):
    """The way in."""

    def start(self, *, task_id: str, bootstrap_code: str, worker_id: str) -> RunInput:
        """Exchanges the single-use code; repeatable by the same worker."""
        ...

    def leased(self, run: RunInput) -> LeasedRun:
        """The same API, speaking with the lease of this run."""
        ...
