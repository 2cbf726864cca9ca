"""The clients of a storm, each a thread with a session and a random sequence of its own."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from functools import partial

from aiwebhook.client import Client, Json, RetryPolicy
from tests.kill.errands import Errands
from tests.kill.ledger import Ledger, Write
from tests.kill.patient import Patient
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant

QUICK_AGENTS: Mapping[str, int] = {"codex": 6, "memory_keeper": 3, "conversation_processor": 2}
"""Whom people give work to, and how often; `codex` and `memory_keeper` are played."""
_ENDED = frozenset({"task.completed", "task.failed", "task.cancelled"})
GARDEN = ("flower", "weed", "tree")
_GARDENING: tuple[tuple[str, Json], ...] = (
    ("cancel_task", {}),
    ("retry_task", {}),
    ("reply_to_task", {"message": "Go on."}),
)


class Workload:
    """A gardener, an errand client and `people`."""

    def __init__(
        self,
        tenant: Tenant,
        receiver: Receiver,
        *,
        seed: int,
        people: int,
        open_tasks: int,
        agents: Mapping[str, int] = QUICK_AGENTS,
    ) -> None:
        """`open_tasks`: so many at once, and no more; each is a run of two processes."""
        self.ledger = Ledger()
        self.agents = agents
        self._tenant = tenant
        self._receiver = receiver
        self._open_tasks = open_tasks
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        for number in range(people + 2):
            rng = random.Random(f"{seed}/{number}")
            life = (self._tend_a_garden, self._run_errands, *[self._live] * people)[number]
            self._add(partial(self._guarded, number, partial(life, rng)))

    def beside(self, step: Callable[[], None], rng: random.Random) -> None:
        """Somebody without a key of the project, who shares the ledger."""

        def life() -> None:
            while not self.pause(rng.uniform(0.05, 0.5)):
                step()

        def guarded() -> None:
            try:
                life()
            except Exception as error:  # noqa: BLE001 a thread must hand its error over
                self.ledger.unexpected.append(f"{type(error).__name__}: {error}")

        self._add(guarded)

    def _add(self, life: Callable[[], None]) -> None:
        # Daemons: a client asks for ever, also where the test has failed and nobody answers.
        self._threads.append(threading.Thread(target=life, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every client have its last answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def pause(self, seconds: float) -> bool:
        """True when it is over."""
        return self._stop.wait(seconds)

    def room_for_tasks(self) -> bool:
        """Whether another run may be asked for: delegated, and not heard of its end."""
        ended = {c.task_id for c in list(self._receiver.callbacks) if c.type in _ENDED}
        asked = sum(write.kind in ("task", "errand") for write in self.ledger.writes)
        return asked - len(ended) < self._open_tasks

    def _guarded(self, number: int, life: Callable[[Patient], None]) -> None:
        try:
            once = RetryPolicy(attempts=1)
            url, key = self._tenant.client.base_url, self._tenant.key
            with Client(url, api_key=key, retry=once, timeout_s=20) as client:
                life(Patient(self.ledger, client, key, number))
        except Exception as error:  # noqa: BLE001 a thread must hand its error over
            self.ledger.unexpected.append(f"client {number}: {type(error).__name__}: {error}")

    def _live(self, rng: random.Random, patient: Patient) -> None:
        person = _Person(self, patient, rng)
        while not self.pause(rng.uniform(0.05, 0.35)):
            person.step()

    def _run_errands(self, rng: random.Random, patient: Patient) -> None:
        errands = Errands(patient, rng)
        errands.begin()
        while not self.pause(rng.uniform(0.1, 0.8)):
            errands.step(room=self.room_for_tasks())

    def _tend_a_garden(self, rng: random.Random, patient: Patient) -> None:
        """A session that is made, worked in, deleted and made again, with the same ids of tasks."""
        session_id = f"garden-{patient.number}"
        while not self._stop.is_set():
            patient.tried("create_session", session_id, {"title": "Garden"}, self._stop.is_set)
            for task_id in GARDEN:
                task: Json = {"agent_name": rng.choice(("codex", "researcher"))}
                task |= {"task_id": task_id, "description": "garden", "max_attempts": 20}
                task |= {"input_data": {"seconds": rng.uniform(0, 1.5)}}
                patient.tried("delegate_task", session_id, task, self._stop.is_set)
            for _ in range(rng.randrange(6)):
                command, more = rng.choice(_GARDENING)
                data = {"task_id": rng.choice(GARDEN), **more}
                patient.tried(command, session_id, data, self._stop.is_set)
                if self.pause(rng.uniform(0.05, 0.6)):
                    return
            patient.tried("delete_session", session_id, {}, self._stop.is_set)
            self.ledger.gardens += 1


class _Person:
    """Says things, remembers things, gives work."""

    def __init__(self, workload: Workload, patient: Patient, rng: random.Random) -> None:
        self._workload = workload
        self._patient = patient
        self._rng = rng
        self._session_id = f"storm-{patient.number}"
        self._last_task: str | None = None
        self._write("session", "create_session", lambda _: {"title": "Storm"})

    def step(self) -> None:
        """One write, or none where there is no room for another task."""
        choice = self._rng.random()
        if choice < 0.25:
            self._write("chunk", "append_conversation", _chunk)
        elif choice < 0.4:
            self._write("memory", "store_memory", _memory)
        elif choice < 0.5:
            self._insight()
        elif choice < 0.6:
            self._write("artifact", "add_artifact", _artifact)
        elif choice < 0.7:
            self._write("batch", "batch", _batch)
        elif self._workload.room_for_tasks():
            self._delegate()

    def _insight(self) -> None:
        def data(marker: str) -> Json:
            insight = {"type": "fact", "content": marker}
            conversation = {"id": self._session_id}
            return {
                "type": "llm_conversation_insight",
                "conversation": conversation,
                "insight": insight,
            }

        self._patient.write("insight", "", self._session_id, data, self._patient.message)

    def _delegate(self) -> None:
        names, weights = zip(*self._workload.agents.items(), strict=True)
        [agent] = self._rng.choices(names, weights)
        after = [self._last_task] if self._last_task and self._rng.random() < 0.2 else []
        given: Json = {"seconds": self._rng.uniform(0, 1.5)}
        if agent == "conversation_processor":
            said = self._write("decision", "append_conversation", _decision)
            given = {"chunk_ids": [said.answer["chunk_id"]]}

        def data(marker: str) -> Json:
            plain: Json = {"agent_name": agent, "description": marker, "max_attempts": 20}
            return {**plain, "input_data": given, "depends_on": after}

        # By turns through either door: relay, or session_api as a resource.
        send = self._patient.resource("/v1/tasks") if self._patient.count % 2 else None
        write = self._patient.write("task", "delegate_task", self._session_id, data, send)
        self._last_task = write.answer["task_id"]

    def _write(self, kind: str, command: str, data: Callable[[str], Json]) -> Write:
        return self._patient.write(kind, command, self._session_id, data)


def _chunk(marker: str) -> Json:
    item = {"type": "note", "content": marker}
    return {"content": f"Ana: {marker}", "extracted_items": [item]}


def _decision(marker: str) -> Json:
    return {"content": f"Ana: We decided to take supplier {marker}."}


def _artifact(marker: str) -> Json:
    return {"name": marker, "type": "note", "content": marker}


def _batch(marker: str) -> Json:
    stored = [_memory(f"{marker}-{half}") for half in ("a", "b")]
    return {"commands": [{"command": "store_memory", "data": data} for data in stored]}


def _memory(marker: str) -> Json:
    return {"type": "note", "key": marker, "content": marker}
