"""Tasks that are cancelled, queued again and written to, with an account of each of it.

In a session of its own, of which the checker knows: here a task may end more than once.
"""

from __future__ import annotations

import random
from collections import deque

from aiwebhook.client import Json
from tests.kill.ledger import Write
from tests.kill.patient import Patient

_COMMANDS = ("cancel_task", "retry_task", "reply_to_task")
KINDS = {"cancel_task": "cancel", "retry_task": "retry", "reply_to_task": "reply"}


class Errands:
    """One client, one order after the other: of a task, what it asked first was answered first."""

    def __init__(self, patient: Patient, rng: random.Random) -> None:
        self._patient = patient
        self._rng = rng
        self._session_id = f"errand-{patient.number}"
        self._tasks: deque[str] = deque(maxlen=3)

    def begin(self) -> None:
        """Open the session."""
        self._patient.write("session", "create_session", self._session_id, lambda _: {})

    def step(self, *, room: bool) -> None:
        """One order. `room`: another task may be given to an agent."""
        if room and (not self._tasks or self._rng.random() < 0.2):
            self._tasks.append(self._delegate())
        elif self._tasks:
            self._ask(self._rng.choice(self._tasks), self._rng.choice(_COMMANDS))

    def _delegate(self) -> str:
        def data(marker: str) -> Json:
            # An agent on a model, so that it may be written to; it has no key and works without.
            return {"agent_name": "researcher", "description": marker, "max_attempts": 20}

        write = self._patient.write("errand", "delegate_task", self._session_id, data)
        task_id: str = write.answer["task_id"]
        return task_id

    def _ask(self, task_id: str, command: str) -> Write:
        def data(marker: str) -> Json:
            said: Json = {"message": marker} if command == "reply_to_task" else {}
            return {"task_id": task_id, **said}

        return self._patient.ask(KINDS[command], command, self._session_id, data)
