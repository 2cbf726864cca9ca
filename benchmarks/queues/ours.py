"""Our queue: jobs come through relay's handler; workers claim and complete them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import time
from typing import Any

import psycopg

from aiwebhook.errors import LeaseLost, Unavailable
from aiwebhook.ids import new_id
from aiwebhook.ports.queue_rows import ClaimedTask, ClaimOrder, Completion
from aiwebhook.postgres.migrate import migrate
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.reap import release_stale_tasks
from benchmarks.lab import open_database
from benchmarks.queues.meter import Meter, Terms, due
from benchmarks.relay import PROJECT, running_relay
from tests.support.reaper import reaper_on

_AGENT = "claude_code"
_IDLE_S, _AWAY_S, _TICK_S = 0.05, 0.2, 1.0
_SESSIONS = 8


def install(connection: psycopg.Connection[Any]) -> None:
    """The schema, and sessions to delegate in."""
    dsn = connection.info.dsn + f" password={connection.info.password}"
    migrate(dsn)
    with running_relay(open_database(dsn)) as relay:
        for number in range(_SESSIONS):
            title = {"title": f"Session {number}"}
            create = {"command": "create_session", "session_id": f"s{number}", "data": title}
            if (
                relay.post(create, f"session-{number}") != 200
                or relay.post(_delegation(number), f"{number}") != 200
            ):
                raise RuntimeError("relay refused to prepare the benchmark")
    # The first task enrols the agent; its manifest's cap is meant for models.
    connection.execute("update agents set max_concurrent = 1000")


def run(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    """A producer, `terms.workers` workers and a reaper, each with a connection of its
    own, until stopping.
    """
    roles: list[Callable[[Terms, Meter, threading.Event], None]] = [_produce, _reap]
    roles += [_work] * terms.workers
    threads = [threading.Thread(target=role, args=(terms, meter, stopping)) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _produce(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    database = open_database(terms.dsn)
    with running_relay(database) as relay:
        for number, _ in enumerate(due(terms, stopping)):
            key = new_id("req")
            while relay.post(_delegation(number), key) != 200 and not stopping.wait(_AWAY_S):
                pass  # as a client would, retry a refused command under the same key
            meter.enqueued()


def _delegation(number: int) -> dict[str, Any]:
    data = {"agent": _AGENT, "description": "x" * 256}
    return {"command": "delegate_task", "session_id": f"s{number % _SESSIONS}", "data": data}


def _work(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    store = PostgresQueueStore(open_database(terms.dsn))
    order = ClaimOrder(
        project_id=PROJECT,
        agent_name=_AGENT,
        limit=1,
        lease_s=terms.rescue_s,
        worker_id=f"worker-{threading.get_ident()}",
    )
    while not stopping.is_set():
        try:
            claimed = store.claim_tasks(order)
        except Unavailable:
            stopping.wait(_AWAY_S)
            continue
        for task in claimed:
            wait_s = time() - _made_at(task)
            stopping.wait(terms.work_s)
            if _reported(store, task, stopping):
                meter.completed(wait_s)
        if not claimed:
            stopping.wait(_IDLE_S)


def _reported(store: PostgresQueueStore, task: ClaimedTask, stopping: threading.Event) -> bool:
    """Report the task's end, repeatedly while the database is away, as a runner does; whether
    it was accepted.
    """
    while True:
        try:
            return complete_run(store, task.lease, Completion(output={})).status == "completed"
        except Unavailable:
            if stopping.wait(_AWAY_S):
                return False
        except LeaseLost:
            return False


def _reap(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    del meter
    database = open_database(terms.dsn)
    services = reaper_on(database)
    while not stopping.wait(_TICK_S):
        try:
            release_stale_tasks(services)
            services.store.ready_due_tasks(limit=100)
        except Unavailable:
            continue


def _made_at(task: ClaimedTask) -> float:
    """Unix time in seconds; an id begins with its creation time in ms (RFC 9562 §5.7)."""
    return int(task.task_id.removeprefix("task_").replace("-", "")[:12], 16) / 1000
