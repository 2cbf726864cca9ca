"""procrastinate, pgqueuer and oban-py by their public APIs, pgmq by its SQL.

Each is a producer and a worker in one event loop. Either is restarted if it ends with an error (a
cut connection), as a supervisor would do. The libraries are imported by name, because the type
checker's environment lacks them.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from importlib import import_module
from time import time
from typing import Any, Protocol

import psycopg

from benchmarks.queues.meter import Meter, Terms, due

_AGAIN_S = 0.2
_QUEUE = "bench"


class _Job(Protocol):
    """A job as pgqueuer and oban-py pass it to a worker."""

    payload: bytes
    args: dict[str, float]


Role = Callable[[], Coroutine[Any, Any, object]]


def run_procrastinate(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    """Runs its workers with heartbeats, and a task that returns stalled jobs to the queue."""
    library = import_module("procrastinate")
    app = library.App(connector=library.PsycopgConnector(conninfo=terms.dsn))

    @app.task(name="job", queue=_QUEUE)
    async def job(made_at: float) -> None:
        await _do(terms, meter, made_at)

    async def produce() -> None:
        async with app.open_async():
            await _produce(terms, meter, stopping, lambda: job.defer_async(made_at=time()))

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(
                queues=[_QUEUE],
                concurrency=terms.workers,
                install_signal_handlers=False,
                update_heartbeat_interval=terms.rescue_s / 3,
                stalled_worker_timeout=terms.rescue_s,
            )

    async def rescue() -> None:
        async with app.open_async():
            while True:
                await asyncio.sleep(1)
                manager = app.job_manager
                # Jobs of dead workers, and those that a living one never received because its
                # connection was cut during the fetch: these can only be found by their start.
                dead = await manager.get_stalled_jobs(seconds_since_heartbeat=terms.rescue_s)
                unheard = await manager.get_stalled_jobs(nb_seconds=terms.rescue_s)
                for stalled in {job.id: job for job in (*dead, *unheard)}.values():
                    await manager.retry_job(stalled)

    asyncio.run(_all_of(stopping, produce, work, rescue))


def run_pgqueuer(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    """Runs with its heartbeats, in batches of as many jobs as may run at once."""
    library = import_module("pgqueuer")

    async def connected() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(terms.dsn, autocommit=True)

    async def produce() -> None:
        async with await connected() as connection:
            queries = library.Queries.from_psycopg_connection(connection)
            await _produce(
                terms, meter, stopping, lambda: queries.enqueue("job", str(time()).encode())
            )

    async def work() -> None:
        async with await connected() as connection:
            queuer = library.PgQueuer.from_psycopg_connection(connection)

            @queuer.entrypoint("job")
            async def job(found: _Job) -> None:
                await _do(terms, meter, float(found.payload))

            await queuer.run(
                dequeue_timeout=timedelta(seconds=1),
                batch_size=terms.workers,
                max_concurrent_tasks=2 * terms.workers,
                heartbeat_timeout=timedelta(seconds=terms.rescue_s),
                shutdown_on_listener_failure=True,
            )

    asyncio.run(_all_of(stopping, produce, work))


def run_oban(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    """Runs one queue that notices dead producers and rescues their jobs."""
    library, pools = import_module("oban"), import_module("psycopg_pool")

    class Job:
        async def process(self, job: _Job) -> None:
            await _do(terms, meter, job.args["made_at"])

    Job.__qualname__ = "Job"
    worker: Any = library.worker(queue=_QUEUE)(Job)

    async def work() -> None:
        async with (
            pools.AsyncConnectionPool(terms.dsn, min_size=2, max_size=10) as pool,
            library.Oban(
                pool=pool,
                queues={_QUEUE: terms.workers},
                lifeline={"interval": 1.0},
                refresher={"interval": terms.rescue_s / 3, "max_age": float(terms.rescue_s)},
            ),
        ):
            await _produce(terms, meter, stopping, lambda: worker.enqueue({"made_at": time()}))

    asyncio.run(_all_of(stopping, work))


def run_pgmq(terms: Terms, meter: Meter, stopping: threading.Event) -> None:
    """Uses its SQL: a message stays hidden for as long as its worker may take, and is archived at
    the end. One reader takes as many as may run at once, and waits in the server if there is none.
    """

    async def connected() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(terms.dsn, autocommit=True)

    async def produce() -> None:
        async with await connected() as connection:
            send = "select pgmq.send(%s, jsonb_build_object('made_at', %s::float8))"
            await _produce(
                terms, meter, stopping, lambda: connection.execute(send, (_QUEUE, time()))
            )

    async def work() -> None:
        read = (
            "select msg_id, (message ->> 'made_at')::float8"
            " from pgmq.read_with_poll(%s, %s, %s, 1, 50)"
        )
        archive = "select pgmq.archive(%s, %s::bigint[])"
        async with await connected() as connection:
            while True:
                cursor = await connection.execute(read, (_QUEUE, terms.rescue_s, terms.workers))
                taken = await cursor.fetchall()
                await asyncio.gather(*(_do(terms, meter, made_at) for _, made_at in taken))
                if taken:
                    await connection.execute(archive, (_QUEUE, [number for number, _ in taken]))

    asyncio.run(_all_of(stopping, produce, work))


async def _do(terms: Terms, meter: Meter, made_at: float) -> None:
    wait_s = time() - made_at
    await asyncio.sleep(terms.work_s)
    meter.completed(wait_s)


async def _produce(
    terms: Terms, meter: Meter, stopping: threading.Event, enqueue: Callable[[], Awaitable[object]]
) -> None:
    jobs = due(terms, stopping)
    while await asyncio.to_thread(lambda: next(jobs, True)) is None:
        await enqueue()
        meter.enqueued()


async def _all_of(stopping: threading.Event, *roles: Role) -> None:
    tasks = [asyncio.ensure_future(_for_ever(role)) for role in roles]
    await asyncio.to_thread(stopping.wait)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=3)


async def _for_ever(role: Role) -> None:
    while True:
        try:
            await role()
        except Exception as error:  # noqa: BLE001  reason: whatever a library raises when it is cut off
            print(f"{type(error).__name__}: {error}", flush=True, file=sys.stderr)
        await asyncio.sleep(_AGAIN_S)
