"""Runs that end together on a whole local stack, and when their callbacks arrive."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiwebhook.client.runs import Run
from aiwebhook_local.stack import running_stack
from tests.support.receiver import Callback, Receiver, running_receiver
from tests.support.tenant import Tenant, tenant

_WORK = {"action_type": "git", "params": {"command": ["git", "status"]}}
_WARM = 20  # runs before the first that counts: processes start, the receiver becomes known


@dataclass(frozen=True, slots=True, kw_only=True)
class StackCallbacks:
    """A project with a receiver on a running stack."""

    project: Tenant
    receiver: Receiver

    def delays(self, runs: int, *, at_once: int) -> list[float]:
        """End `runs` runs in as many sessions, `at_once` at a time; returns the seconds from each
        terminal write (the start of its transaction) to the arrival of its callback.
        """
        claimed = [self._claimed() for _ in range(runs)]
        task_ids = {str(run.input["task_id"]) for run in claimed}
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(_complete, claimed))
        arrived = self.receiver.wait_for(
            lambda callback: callback.task_id in task_ids, count=runs, within_s=120
        )
        return [_delay_s(callback) for callback in arrived]

    def _claimed(self) -> Run:
        self.project.delegate(self.project.session(), "local", input_data=_WORK)
        run = self.project.client.claim_run(worker_id="bench", agents=["local"], wait_s=20)
        if run is None:
            raise RuntimeError("a task that was delegated cannot be claimed")
        return run


@contextmanager
def stack_callbacks(folder: Path) -> Generator[StackCallbacks]:
    """Run a stack with a receiver, both warmed up, until the block ends."""
    with (
        running_stack(home=folder / ".local", port=0) as stack,
        tenant(stack) as project,
        running_receiver() as receiver,
    ):
        project.sql("UPDATE agents SET max_concurrent = 1000 WHERE project_id = %(project_id)s")
        endpoint = {"url": receiver.url(), "event_types": ["task.completed"]}
        project.client.post("/v1/endpoints", endpoint)
        callbacks = StackCallbacks(project=project, receiver=receiver)
        callbacks.delays(_WARM, at_once=10)
        yield callbacks


def _complete(run: Run) -> None:
    with run:
        run.complete(output={"success": True}, exit_code=0)


def _delay_s(callback: Callback) -> float:
    written = datetime.fromisoformat(callback.document["timestamp"])
    return (callback.received_at - written).total_seconds()
