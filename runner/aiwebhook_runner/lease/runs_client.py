"""The Runs API over `aiwebhook.client`: its answers as our values, its errors as our three."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from aiwebhook import errors
from aiwebhook.client import Client, RetryPolicy, Run, TransportOptions
from aiwebhook.client.wire import FIRST_ERROR, ClientRequest, Wire, WireError
from aiwebhook.domain.agent import ManifestInvalid
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.lease.runs_api import (
    ApiRefused,
    ApiUnavailable,
    ContextPage,
    LeaseLost,
    MessagesWaiting,
    RunInput,
    SignalUnsupported,
    StoredArtifact,
    TaskMessage,
    Upload,
)

CONTEXT_PAGE = 200
STORE_TIMEOUT_S = 300.0
ONCE = RetryPolicy(attempts=1)
"""When to try again is decided here (retry.py): it depends on lease and drain, not on a count."""

GONE = (errors.LeaseLost, errors.Unauthorized, errors.Forbidden, errors.NotFound)
"""With a lease token all of these mean the same: expired, revoked, or the task was deleted."""
AWAY = (errors.Unavailable, errors.RateLimited)


class RunsClient:
    """Implements RunsApi. Safe between threads."""

    def __init__(
        self,
        *,
        base_url: str,
        correlation_id: str | None = None,
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        """What `before_request` raises ends the call, as if the server had answered it."""
        options = TransportOptions(
            retry=ONCE, correlation_id=correlation_id, before_request=before_request
        )
        self._client = Client(base_url, options=options)

    def start(self, *, task_id: str, bootstrap_code: str, worker_id: str) -> RunInput:
        """403 and 409 are final."""
        with _translated(gone=(errors.LeaseLost,)):
            run = self._client.start_run(
                task_id=task_id, bootstrap_code=bootstrap_code, worker_id=worker_id
            )
        try:
            return RunInput.from_json(run.input)
        except (KeyError, TypeError, ValueError, ManifestInvalid) as exc:
            raise ApiRefused(f"unreadable run input: {exc!r}") from exc

    def leased(self, run: RunInput) -> "LeasedRunClient":
        """Speaks with the run's token."""
        wire = {"task_id": run.task_id, "lease_token": run.lease_token}
        return LeasedRunClient(self._client.run(wire))


class LeasedRunClient:
    """Implements LeasedRun."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def context(self, *, after: str | None) -> ContextPage:
        """One page."""
        with _translated():
            page = self._run.context(after=after, limit=CONTEXT_PAGE)
        following = page.get("next")
        return ContextPage(
            session=page.get("session") or {},
            chunks=page.get("chunks") or [],
            memories=page.get("memories") or [],
            next=None if following is None else str(following),
        )

    def heartbeat(self) -> bool:
        """Whether the run should stop."""
        with _translated():
            return self._run.heartbeat().get("cancel") is True

    def stop_asked(self) -> bool:
        """Whether the run should stop."""
        # An older API has no such route, and its 404 must not look like a deleted task.
        with _translated(gone=(errors.LeaseLost, errors.Unauthorized, errors.Forbidden)):
            try:
                return self._run.signal(wait_s=0)
            except (errors.NotFound, errors.MethodNotAllowed) as exc:
                raise SignalUnsupported(exc.detail) from exc

    def send_events(
        self, events: list[JsonObject], *, first_no: int, usage: JsonObject | None = None
    ) -> bool:
        """Whether the run should stop."""
        with _translated():
            told = self._run.record_events(events, first_no=first_no, usage=usage)
        return told.get("cancel") is True

    def messages(self, *, after: int) -> list[TaskMessage]:
        """Follow-ups; an object is told as JSON."""
        with _translated():
            found = self._run.messages(after=after)
        return [TaskMessage(number=int(m["message_no"]), text=_text(m["message"])) for m in found]

    def save_checkpoint(self, data: JsonObject, *, sha256: str | None, size: int) -> None:
        """Nothing to tell."""
        with _translated():
            self._run.save_checkpoint(data=data, content_sha256=sha256, size=size)

    def download(self, url: str, path: Path) -> None:
        """GET from the object store; the lease token does not go there."""
        with path.open("wb") as file:
            asked = ClientRequest(method="GET", timeout_s=STORE_TIMEOUT_S, into=file)
            _at_the_store("download", url, asked)

    def request_upload(self, *, sha256: str, size: int, for_checkpoint: bool = False) -> Upload:
        """Where to put large content."""
        purpose = "checkpoint" if for_checkpoint else None
        with _translated():
            place = self._run.request_upload(sha256=sha256, size=size, purpose=purpose)
        return Upload(url=str(place["url"]), headers=cast("dict[str, str]", place["headers"]))

    def put_upload(self, upload: Upload, path: Path) -> None:
        """PUT to the object store; the lease token does not go there."""
        with path.open("rb") as file:
            headers = {"Content-Length": str(path.stat().st_size), **upload.headers}
            asked = ClientRequest(
                method="PUT", headers=headers, body=file, timeout_s=STORE_TIMEOUT_S
            )
            _at_the_store("upload", upload.url, asked)

    def store_artifact(self, artifact: StoredArtifact) -> str:
        """The artifact id."""
        with _translated():
            return self._run.add_artifact(
                name=artifact.name,
                type=artifact.type,
                format=artifact.format,
                content=artifact.content,
                content_sha256=artifact.content_sha256,
                content_type=artifact.content_type,
                metadata=artifact.metadata or None,
            )

    def complete(self, report: JsonObject) -> str:
        """The task's status."""
        with _translated():
            return str(self._run.report("complete", report).get("status"))

    def fail(self, report: JsonObject) -> str:
        """The task's status."""
        with _translated():
            return str(self._run.report("fail", report).get("status"))

    def release(self) -> None:
        """Nothing to tell."""
        with _translated():
            self._run.release()


@contextmanager
def _translated(gone: tuple[type[Exception], ...] = GONE) -> Generator[None]:
    try:
        yield
    except AWAY as exc:
        raise ApiUnavailable(exc.detail, retry_after_s=exc.retry_after_s) from exc
    except errors.MessagesWaiting as exc:
        raise MessagesWaiting(exc.detail) from exc
    except errors.AiWebhookError as exc:
        if isinstance(exc, gone):
            raise LeaseLost(exc.detail) from exc
        # The root itself stands for a status nobody foresaw: a 500, a stranger's redirect.
        if type(exc) is errors.AiWebhookError:
            raise ApiUnavailable(exc.detail) from exc
        raise ApiRefused(exc.detail) from exc


def _at_the_store(what: str, url: str, asked: ClientRequest) -> None:
    """Raises ApiUnavailable. Also for 403: a pre-signed URL that ran out is replaced by
    the next try."""
    try:
        with closing(Wire(url)) as wire:
            status = wire.exchange(asked).status
    except WireError as exc:
        raise ApiUnavailable(f"{what}: {exc}") from exc
    if status >= FIRST_ERROR:
        raise ApiUnavailable(f"{what}: HTTP {status}")


def _text(message: object) -> str:
    return message if isinstance(message, str) else encode(message).decode()
