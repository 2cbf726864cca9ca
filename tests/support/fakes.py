"""In-memory twins of the outside ports; tests/aws/ runs one contract suite on them and on AWS.

Each fake remembers what it was asked for, and can be told to be away: `fake.away = True` makes
every call raise Unavailable, as the real adapter does when its service does not answer.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiwebhook.errors import NotFound, Unavailable
from aiwebhook.ports.blobs import Upload
from aiwebhook.ports.launcher import Launched, LaunchRefused, LaunchRequest
from aiwebhook.ports.messaging import Event, MessageRefused


def _away() -> Unavailable:
    return Unavailable("The fake is away.", code="aws_unavailable")


@dataclass(slots=True, kw_only=True)
class FakeWaker:
    """Remembers wake-ups as (project_id, agent_name), and delayed ones as (agent_name, delay_s,
    watch_s); agents not in `agents` have no queue.
    """

    agents: frozenset[str] | None = None
    woken: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    later: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])
    away: bool = False

    def wake(self, *, project_id: str, agent_name: str, delay_s: int = 0, watch_s: int = 0) -> None:
        """Remember the wake-up, or raise Unavailable."""
        if self.away:
            raise _away()
        if self.agents is not None and agent_name not in self.agents:
            return
        if delay_s or watch_s:
            self.later.append((agent_name, delay_s, watch_s))
        else:
            self.woken.append((project_id, agent_name))


@dataclass(slots=True, kw_only=True)
class FakePublisher:
    """Remembers published events in order; a batch with an event id of `poison` is refused."""

    published: list[Event] = field(default_factory=list[Event])
    poison: frozenset[str] = frozenset()
    away: bool = False

    def publish(self, events: Sequence[Event]) -> None:
        """Remember all, or raise Unavailable or MessageRefused and remember none."""
        if self.away:
            raise _away()
        if any(event.event_id in self.poison for event in events):
            raise MessageRefused("The fake refuses a poisoned event.")
        self.published.extend(events)


@dataclass(slots=True, kw_only=True)
class FakeRinger:
    """Remembers rings as (project_id, event_no, delay_s)."""

    rung: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])
    away: bool = False

    def ring(self, *, project_id: str, event_no: int, delay_s: int = 0) -> None:
        """Remember the ring, or raise Unavailable."""
        if self.away:
            raise _away()
        self.rung.append((project_id, event_no, delay_s))


@dataclass(slots=True, kw_only=True)
class InMemoryBlobStore:
    """Bytes by (project_id, digest); `accept_upload` plays the client of a pre-signed PUT."""

    blobs: dict[tuple[str, bytes], bytes] = field(default_factory=dict[tuple[str, bytes], bytes])
    folder: str = "content"
    away: bool = False

    def put(self, *, project_id: str, content: bytes) -> bytes:
        """Store and return the digest."""
        self._check()
        digest = hashlib.sha256(content).digest()
        self.blobs[project_id, digest] = content
        return digest

    def get(self, *, project_id: str, sha256: bytes) -> bytes:
        """The bytes, or NotFound."""
        self._check()
        try:
            return self.blobs[project_id, sha256]
        except KeyError as exc:
            raise NotFound(f"No content {sha256.hex()} in this project.") from exc

    def size(self, *, project_id: str, sha256: bytes) -> int | None:
        """Size in bytes, or None when absent."""
        self._check()
        content = self.blobs.get((project_id, sha256))
        return None if content is None else len(content)

    def presign_put(self, *, project_id: str, sha256: bytes, size: int) -> Upload:
        """A URL nobody listens at; its headers are those of the real adapter."""
        checksum = base64.b64encode(sha256).decode("ascii")
        return Upload(
            url=f"https://blobs.invalid/{self.folder}/{project_id}/{sha256.hex()}",
            headers={"Content-Length": str(size), "x-amz-checksum-sha256": checksum},
        )

    def presign_get(
        self, *, project_id: str, sha256: bytes, content_type: str | None = None
    ) -> str:
        """A URL nobody listens at."""
        del content_type
        return f"https://blobs.invalid/{self.folder}/{project_id}/{sha256.hex()}?signed"

    def accept_upload(self, *, project_id: str, content: bytes) -> None:
        """What S3 does when the client has used the pre-signed PUT."""
        self.blobs[project_id, hashlib.sha256(content).digest()] = content

    def _check(self) -> None:
        if self.away:
            raise _away()


@dataclass(slots=True, kw_only=True)
class FakeStopper:
    """Remembers what was stopped, in order; what is in `refused` cannot be."""

    stopped: list[str] = field(default_factory=list[str])
    refused: frozenset[str] = frozenset()

    def stop(self, runtime_ref: str) -> None:
        """Remember it, or raise Unavailable."""
        if runtime_ref in self.refused:
            raise _away()
        self.stopped.append(runtime_ref)


@dataclass(slots=True, kw_only=True)
class FakeLauncher:
    """Launches nothing, idempotent by attempt_id; `answers` are given first, in order."""

    requests: list[LaunchRequest] = field(default_factory=list[LaunchRequest])
    launched: dict[str, LaunchRequest] = field(default_factory=dict[str, LaunchRequest])
    answers: deque[LaunchRefused] = field(default_factory=deque[LaunchRefused])
    away: bool = False

    def launch(self, request: LaunchRequest) -> Launched | LaunchRefused:
        """The next refusal of `answers`, or Launched with a reference made from the attempt id."""
        self.requests.append(request)
        if self.away:
            raise _away()
        if self.answers:
            return self.answers.popleft()
        self.launched.setdefault(request.attempt_id, request)
        return Launched(runtime_ref=f"arn:fake:task/{request.attempt_id}")
