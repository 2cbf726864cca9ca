"""The Runs API (docs/wire.md) for one run: every call carries its lease token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from aiwebhook.client.problems import holding
from aiwebhook.client.transport import ClientCall, Json, Transport, TransportOptions
from aiwebhook.errors import AiWebhookError, Forbidden, LeaseLost, NotFound, Unauthorized

MOST_LEASES = 100
"""The most leases in one call of `Client.heartbeat_runs` or `run_signals`."""
MOST_REPORTS = 50
"""The most reports in one call of `Client.complete_runs`."""
CLOSED = (Unauthorized, Forbidden)
GONE = (*CLOSED, NotFound)
"""For a call with a lease token, all of these mean that the lease is over: it has expired or was
revoked, or the task was deleted.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContextPage:
    """One page of the session's conversation and memories; `next` is None on the last one."""

    session: Json
    chunks: list[Json]
    memories: list[Json]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsRecorded:
    """`accepted` is how many events were new; `cancel`, whether the run must stop."""

    accepted: int
    cancel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMessage:
    """A follow-up (reply_to_task). Numbers increase, with gaps; an object comes as JSON text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUpload:
    """A pre-signed PUT."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseState:
    """The state of one lease, in an answer about many."""

    lost: bool
    cancel: bool


class Run:
    """One leased run.

    Every method may raise

    - LeaseLost: this run may write nothing any more; another attempt owns the task, or it is gone;
    - an error whose `retryable` is true: there was no answer, or one that permits a retry;
    - any other error of `aiwebhook.errors`: the request itself is wrong.

    Repeating a call after a lost answer is safe: the server gives the same answer.
    """

    def __init__(self, base_url: str, run: Json, options: TransportOptions | None = None) -> None:
        """`run` is the RunInput of a claim or a start (docs/wire.md)."""
        self.input = run
        self._path = f"/v1/runs/{run['task_id']}"
        options = options or TransportOptions()
        correlation_id = run.get("correlation_id") or options.correlation_id
        options = replace(options, correlation_id=correlation_id)
        self._transport = Transport(base_url, run["lease_token"], options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the lease stays as it is."""
        self._transport.close()

    def context(self, *, after: str | None = None, limit: int | None = None) -> RunContextPage:
        """One page of the run's context, oldest first; `after` is the previous page's `next`."""
        page = self._get("context", after=after, limit=limit)
        following = page.get("next")
        return RunContextPage(
            session=page.get("session") or {},
            chunks=page.get("chunks") or [],
            memories=page.get("memories") or [],
            next=None if following is None else str(following),
        )

    def signal(self, *, wait_s: float = 20, timeout_s: float | None = None) -> bool:
        """Wait for an order to stop: True as soon as there is one, False after `wait_s`.

        Raises NotFound or MethodNotAllowed from an older API, which has no such operation.
        """
        call = ClientCall(
            method="GET",
            path=f"{self._path}/signal",
            query={"wait": wait_s},
            wait_s=wait_s,
            timeout_s=timeout_s,
        )
        return holding(self._send(call, gone=CLOSED), "cancel")["cancel"] is True

    def heartbeat(self, *, status: str | None = None, progress: Json | None = None) -> bool:
        """Extend the lease; returns whether the run must stop."""
        answer = self._post("heartbeat", status=status, progress=progress)
        return holding(answer, "cancel")["cancel"] is True

    def record_events(
        self, events: Sequence[Json], *, first_no: int | None = None, usage: Json | None = None
    ) -> EventsRecorded:
        """Store up to 100 progress and log events, and what the attempt has used so far, which
        stays recorded should nobody hear of this run again. `first_no`, the run's own number of
        the first one (from 1), makes it safe to repeat: known numbers are passed over.
        """
        answer = self._post("events", events=list(events), first_no=first_no, usage=usage)
        cancel = holding(answer, "cancel")["cancel"] is True
        return EventsRecorded(accepted=int(answer.get("accepted", 0)), cancel=cancel)

    def messages(self, *, after: int = 0) -> list[TaskMessage]:
        """Follow-ups with a greater number, in order."""
        found = holding(self._get("messages", after=after), "messages")["messages"]
        return [TaskMessage(number=int(m["message_no"]), text=_text(m["message"])) for m in found]

    def save_checkpoint(
        self, *, data: Json, content_sha256: str | None = None, size: int = 0
    ) -> None:
        """What the next attempt gets should this one be lost; replaces the one before. The archive
        of that digest was uploaded before (`request_upload` with purpose "checkpoint").
        """
        self._post("checkpoint", data=data, content_sha256=content_sha256, size=size)

    def add_artifact(self, *, name: str, **fields: object) -> str:
        """Store an artifact; the same name replaces it. Returns its id. `fields`: type, format,
        content | content_sha256, content_type, metadata.
        """
        answer = self._post("artifacts", name=name, **fields)
        return str(holding(answer, "artifact_id")["artifact_id"])

    def request_upload(self, *, sha256: str, size: int, purpose: str | None = None) -> RunUpload:
        """Where to PUT content that is too large to go inline, or (purpose
        "checkpoint") an archive.
        """
        answer = self._post("uploads", sha256=sha256, size=size, purpose=purpose)
        holding(answer, "url", "headers")
        return RunUpload(url=str(answer["url"]), headers=answer["headers"])

    def complete(self, *, output: Json, **fields: object) -> str:
        """The terminal write of a success. Returns the task's status. `fields`: say, memories,
        forget, usage, exit_code, messages_seen (raises MessagesWaiting when there is a newer one).
        """
        return self.report("complete", {"output": output, **fields})

    def fail(self, *, error_class: str, message: str, **fields: object) -> str:
        """The terminal write of this attempt. Returns pending, failed or cancelled. `fields`:
        remedy, retryable, exit_code, usage, output.
        """
        return self.report("fail", {"error_class": error_class, "message": message, **fields})

    def report(self, end: str, report: Json) -> str:
        """The terminal write with a whole report; `end` is complete or fail. Returns
        the task's status.
        """
        return str(self._post(end, **report).get("status"))

    def release(self) -> None:
        """Return the task to the queue; the attempt is not counted."""
        self._post("release")

    def _get(self, action: str, **query: object) -> Json:
        return self._send(ClientCall(method="GET", path=f"{self._path}/{action}", query=query))

    def _post(self, action: str, **fields: object) -> Json:
        body = {name: value for name, value in fields.items() if value is not None}
        return self._send(ClientCall(method="POST", path=f"{self._path}/{action}", body=body))

    def _send(self, call: ClientCall, *, gone: tuple[type[AiWebhookError], ...] = GONE) -> Json:
        try:
            return self._transport.send(call).body
        except gone as exc:
            raise LeaseLost(exc.detail, code=exc.code, remedy=exc.remedy) from exc


def _text(message: object) -> str:
    if isinstance(message, str):
        return message
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
