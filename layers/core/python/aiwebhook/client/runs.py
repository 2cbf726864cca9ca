"""The Runs API (docs/wire.md) from the side of one run: every call carries its lease token."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiwebhook.client.transport import Call, Json, Transport, TransportOptions


class Run:
    """One leased run. Every method raises LeaseLost when another attempt owns the task by now.

    Repeating a call after a lost answer is safe: the server answers the same again.
    """

    def __init__(self, base_url: str, run: Json, options: TransportOptions | None = None) -> None:
        """`run` is the RunInput that `Client.claim_run` or `Client.start_run` answered."""
        self.input = run
        self._path = f"/v1/runs/{run['task_id']}"
        self._transport = Transport(base_url, run["lease_token"], options or TransportOptions())

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

    def context(self, *, after: str | None = None, limit: int | None = None) -> Json:
        """One page of what was said and remembered: session, chunks[], memories[], next."""
        return self._get("context", after=after, limit=limit)

    def signal(self, *, wait_s: float = 20) -> bool:
        """True as soon as somebody asked this run to stop; False after `wait_s`."""
        call = Call(
            method="GET", path=f"{self._path}/signal", query={"wait": wait_s}, wait_s=wait_s
        )
        return self._transport.send(call).body["cancel"] is True

    def heartbeat(self, *, status: str | None = None, progress: Json | None = None) -> Json:
        """Extend the lease: {"cancel", "lease_until"}."""
        return self._post("heartbeat", status=status, progress=progress)

    def record_events(
        self, events: Sequence[Json], *, first_no: int | None = None, usage: Json | None = None
    ) -> Json:
        """Store up to 100 progress and log events, and what the attempt has used so far:
        {"accepted", "cancel"}. `first_no`, the run's own number of the first one (from 1), makes it
        safe to repeat.
        """
        return self._post("events", events=list(events), first_no=first_no, usage=usage)

    def messages(self, *, after: int = 0) -> list[Json]:
        """Follow-ups with a greater number, in order: [{"message_no", "message", "created_at"}]."""
        messages: list[Json] = self._get("messages", after=after)["messages"]
        return messages

    def save_checkpoint(
        self, *, data: Json, content_sha256: str | None = None, size: int = 0
    ) -> None:
        """What the next attempt gets should this one be lost; replaces the one before."""
        self._post("checkpoint", data=data, content_sha256=content_sha256, size=size)

    def add_artifact(self, *, name: str, **fields: object) -> str:
        """Store an artifact; the same name replaces it. `fields`: type, format,
        content | content_sha256, metadata.
        """
        return str(self._post("artifacts", name=name, **fields)["artifact_id"])

    def request_upload(self, *, sha256: str, size: int, purpose: str | None = None) -> Json:
        """Where to PUT large content, or (purpose: "checkpoint") an archive: {"url", "headers"}."""
        return self._post("uploads", sha256=sha256, size=size, purpose=purpose)

    def complete(self, *, output: Json, **fields: object) -> Json:
        """The terminal write of a success. `fields`: say, memories, forget, usage, exit_code,
        messages_seen (raises MessagesWaiting when there is a newer one).
        """
        return self._post("complete", output=output, **fields)

    def fail(self, *, error_class: str, message: str, **fields: object) -> Json:
        """The terminal write of this attempt. `fields`: remedy, retryable,
        exit_code, usage, output.
        """
        return self._post("fail", error_class=error_class, message=message, **fields)

    def report(self, end: str, report: Json) -> Json:
        """The terminal write with a whole report; `end` is complete or fail."""
        return self._post(end, **report)

    def release(self) -> Json:
        """Return the task to the queue; the attempt is not counted."""
        return self._post("release")

    def _get(self, action: str, **query: object) -> Json:
        call = Call(method="GET", path=f"{self._path}/{action}", query=query)
        return self._transport.send(call).body

    def _post(self, action: str, **fields: object) -> Json:
        body = {name: value for name, value in fields.items() if value is not None}
        return self._transport.send(
            Call(method="POST", path=f"{self._path}/{action}", body=body)
        ).body
