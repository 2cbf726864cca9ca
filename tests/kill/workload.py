"""Clients that never give up: each write is repeated under its key until it is acknowledged."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiwebhook import errors
from aiwebhook.client import Client, Json, RetryPolicy
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant

_ENDED = frozenset({"task.completed", "task.failed", "task.cancelled"})
_MOST_OPEN_TASKS = 8  # two processors are enough for so many runs at once
GARDEN = ("flower", "weed", "tree")
_GARDENING: tuple[tuple[str, Json], ...] = (
    ("cancel_task", {}),
    ("retry_task", {}),
    ("reply_to_task", {"message": "Go on."}),
)
# What a killed process or database may answer with; anything else is a fault of the product.
_TRY_AGAIN = (errors.Unavailable, errors.RateLimited)


@dataclass(slots=True, kw_only=True)
class Write:
    """One write: `marker` is in its content, `told` what the service answered at last."""

    kind: str
    command: str
    session_id: str
    marker: str
    data: Json
    tries: int = 0
    told: Json | None = None


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What the clients asked for and what they were told. Appends of lists are atomic."""

    writes: list[Write] = field(default_factory=list[Write])
    unexpected: list[str] = field(default_factory=list[str])
    refusals: Counter[str] = field(default_factory=Counter[str])
    gardens: int = 0
    """Sessions that were deleted, to be made again."""

    def acknowledged(self, kind: str) -> list[Write]:
        """Those the service has accepted."""
        return [w for w in self.writes if w.kind == kind and w.told is not None]

    def asked(self, kind: str) -> set[str]:
        """Markers of every attempt, also of those without an answer."""
        return {w.marker for w in self.writes if w.kind == kind}


class Workload:
    """`clients` threads, each with a session of its own and a random sequence of its own."""

    def __init__(self, tenant: Tenant, receiver: Receiver, *, seed: int, clients: int = 4) -> None:
        self.ledger = Ledger()
        self._tenant = tenant
        self._receiver = receiver
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._guarded, args=(number, random.Random(f"{seed}/{number}")))
            for number in range(clients)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every client have its last answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, number: int, rng: random.Random) -> None:
        try:
            once = RetryPolicy(attempts=1)
            url = self._tenant.client.base_url
            with Client(url, api_key=self._tenant.key, retry=once, timeout_s=20) as client:
                person = _Person(self, client, number, rng)
                person.tend_a_garden() if number == 0 else person.live()
        except Exception as error:  # noqa: BLE001 a thread must hand its error over
            self.ledger.unexpected.append(f"client {number}: {type(error).__name__}: {error}")

    def pause(self, seconds: float) -> bool:
        """True when it is over."""
        return self._stop.wait(seconds)

    def room_for_tasks(self) -> bool:
        """Whether another run may be asked for: delegated, and not heard of its end."""
        ended = {c.task_id for c in list(self._receiver.callbacks) if c.type in _ENDED}
        asked = sum(write.kind == "task" for write in self.ledger.writes)
        return asked - len(ended) < _MOST_OPEN_TASKS


class _Person:
    """One client."""

    def __init__(self, workload: Workload, client: Client, number: int, rng: random.Random) -> None:
        self._workload = workload
        self._client = client
        self._number = number
        self._rng = rng
        self._session_id = f"storm-{number}"
        self._count = 0
        self._last_task: str | None = None

    def live(self) -> None:
        """Until the workload is stopped."""
        self._write("session", "create_session", lambda _: {"title": "Storm"})
        while not self._workload.pause(self._rng.uniform(0.05, 0.35)):
            choice = self._rng.random()
            if choice < 0.3:
                self._write("chunk", "append_conversation", lambda m: {"content": f"Ana: {m}"})
            elif choice < 0.5:
                self._write("memory", "store_memory", _memory)
            elif choice < 0.6:
                self._write("artifact", "add_artifact", _artifact)
            elif choice < 0.7:
                self._write("batch", "batch", _batch)
            elif self._workload.room_for_tasks():
                self._delegate()

    def tend_a_garden(self) -> None:
        """A session that is made, worked in, deleted and made again, with the same ids of tasks."""
        self._session_id = f"garden-{self._number}"
        while True:
            self._tried("create_session", {"title": "Garden"})
            for task_id in GARDEN:
                given = {"seconds": self._rng.uniform(0, 1.5)}
                task: Json = {"agent_name": "researcher", "description": "garden"}
                task |= {"task_id": task_id, "input_data": given, "max_attempts": 20}
                self._tried("delegate_task", task)
            for _ in range(self._rng.randrange(6)):
                command, more = self._rng.choice(_GARDENING)
                self._tried(command, {"task_id": self._rng.choice(GARDEN), **more})
                if self._workload.pause(self._rng.uniform(0.05, 0.6)):
                    return
            self._tried("delete_session", {})
            self._workload.ledger.gardens += 1

    def _tried(self, command: str, data: Json) -> None:
        """Until it is done, or the state of things refuses it."""
        self._count += 1
        key = f"garden-{self._number}-{self._count}"
        while True:
            try:
                self._client.command(command, self._session_id, data, key=key)
            except _TRY_AGAIN as error:
                self._workload.ledger.refusals[error.code] += 1
            except (errors.Conflict, errors.NotFound) as error:
                if error.code != "idempotency_in_flight":
                    return
            else:
                return
            if self._workload.pause(0.2) and command == "delete_session":
                return

    def _delegate(self) -> None:
        agent = self._rng.choices(
            ("researcher", "memory_keeper", "conversation_processor"), (6, 3, 1)
        )[0]
        after = [self._last_task] if self._last_task and self._rng.random() < 0.2 else []
        seconds = self._rng.uniform(0, 1.5)

        def data(marker: str) -> Json:
            plain: Json = {"agent_name": agent, "description": marker, "max_attempts": 20}
            given: Json = {} if agent == "conversation_processor" else {"seconds": seconds}
            return {**plain, "input_data": given, "depends_on": after}

        write = self._write("task", "delegate_task", data)
        self._last_task = None if write.told is None else write.told["data"]["task_id"]

    def _write(self, kind: str, command: str, data: Callable[[str], Json]) -> Write:
        self._count += 1
        marker = f"{kind}-{self._number}-{self._count}"
        write = Write(
            kind=kind,
            command=command,
            session_id=self._session_id,
            marker=marker,
            data=data(marker),
        )
        self._workload.ledger.writes.append(write)
        pause = threading.Event()
        while write.told is None:
            write.tries += 1
            try:
                write.told = self._send(write)
            except _TRY_AGAIN as error:
                self._workload.ledger.refusals[error.code] += 1
            except errors.Conflict as error:
                if error.code != "idempotency_in_flight":
                    raise
                self._workload.ledger.refusals[error.code] += 1
            else:
                return write
            pause.wait(0.2)
        return write

    def _send(self, write: Write) -> dict[str, Any]:
        """By turns through either door: relay, or session_api as a resource."""
        key = f"key-{write.marker}"
        if write.kind == "task" and self._count % 2:
            return {
                "data": self._client.post(
                    "/v1/tasks", {**write.data, "session_id": write.session_id}, key=key
                )["data"]
            }
        return self._client.command(write.command, write.session_id, write.data, key=key)


def _artifact(marker: str) -> Json:
    return {"name": marker, "type": "note", "content": marker}


def _batch(marker: str) -> Json:
    stored = [_memory(f"{marker}-{half}") for half in ("a", "b")]
    return {"commands": [{"command": "store_memory", "data": data} for data in stored]}


def _memory(marker: str) -> Json:
    return {"type": "note", "key": marker, "content": marker}
