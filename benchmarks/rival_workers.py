"""The workers of procrastinate, oban-py and pgqueuer, each running `number` empty jobs, and a loop
over the SQL of pgmq, which has no worker.

Every function returns jobs per second, counted from the first fifth of the jobs on, so that the
start-up does not count. The libraries are imported by name: only the bench's own environment has
them (oban-py needs Python 3.12), the type checker's does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any, LiteralString, cast

import psycopg

from benchmarks import procrastinate_sql


@dataclass(slots=True, kw_only=True)
class Watch:
    """Counts jobs; `done` is set by the last one."""

    number: int
    seen: int = 0
    started: float = 0
    ended: float = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def job(self) -> None:
        """Count a job that has run."""
        self.seen += 1
        if self.seen == self.number // 5:
            self.started = perf_counter()
        elif self.seen == self.number:
            self.ended = perf_counter()
            self.done.set()

    async def all_of(self, worker: Coroutine[Any, Any, object]) -> float:
        """Let the worker run until the last job is done; jobs per second after the first fifth."""
        task = asyncio.ensure_future(worker)
        waiting = asyncio.ensure_future(self.done.wait())
        await asyncio.wait({task, waiting}, timeout=120, return_when=asyncio.FIRST_COMPLETED)
        for one in (task, waiting):
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await one
        if not self.done.is_set():
            raise RuntimeError(f"the worker ended after {self.seen} of {self.number} jobs")
        return (self.number - self.number // 5) / (self.ended - self.started)


Run = Callable[[str, int], Coroutine[Any, Any, float]]


def installed(package: str) -> bool:
    """Whether the rival is in this environment."""
    return importlib.util.find_spec(package) is not None


def rate(run: Run, dsn: str, number: int) -> float:
    """Jobs per second. Runs the worker in its own event loop, uvloop's if that is installed."""
    factory = None
    if installed("uvloop"):
        factory = import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(run(dsn, number))


async def procrastinate(dsn: str, number: int) -> float:
    """One worker, one job at a time, as its command line starts it."""
    library = import_module("procrastinate")
    app = library.App(connector=library.PsycopgConnector(conninfo=dsn))
    watch = Watch(number=number)

    @app.task(name="noop", queue="bench")
    async def noop(n: int) -> None:
        del n
        watch.job()

    async with app.open_async():
        worker = app.run_worker_async(queues=["bench"], install_signal_handlers=False)
        return await watch.all_of(worker)


async def oban(dsn: str, number: int) -> float:
    """One queue with a limit of twenty."""
    library = import_module("oban")
    watch = Watch(number=number)

    class Noop:
        async def process(self, job: object) -> None:
            del job
            watch.job()

    Noop.__qualname__ = "Noop"
    library.worker(queue="bench")(Noop)
    pools: Any = import_module("psycopg_pool")
    async with (
        pools.AsyncConnectionPool(dsn, min_size=2, max_size=10) as pool,
        library.Oban(pool=pool, queues={"bench": 20}),
    ):
        return await watch.all_of(asyncio.sleep(120))


async def pgqueuer(dsn: str, number: int) -> float:
    """Batches of fifty."""
    library = import_module("pgqueuer")
    watch = Watch(number=number)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        queuer = library.PgQueuer.from_psycopg_connection(connection)

        @queuer.entrypoint("noop")
        async def noop(job: object) -> None:
            del job
            watch.job()

        async def run() -> None:
            await queuer.run(dequeue_timeout=timedelta(seconds=5), batch_size=50)

        return await watch.all_of(run())


async def pgmq(dsn: str, number: int, *, size: int) -> float:
    """A loop that reads `size` messages and archives them by prepared statements, as
    pgmq's clients do.
    """
    read = "select msg_id from pgmq.read('bench', 30, %s)"
    archive = "select pgmq.archive('bench', %s::bigint[])"
    watch = Watch(number=number)
    async with await psycopg.AsyncConnection.connect(
        dsn, autocommit=True, prepare_threshold=1
    ) as connection:

        async def loop() -> None:
            while not watch.done.is_set():
                cursor = await connection.execute(read, (size,))
                taken = [row[0] for row in await cursor.fetchall()]
                await connection.execute(archive, (taken,))
                for _ in taken:
                    watch.job()

        return await watch.all_of(loop())


def fill_procrastinate(connection: psycopg.Connection[Any], count: int) -> None:
    """Its tables, and jobs in them."""
    procrastinate_sql.install(connection)
    procrastinate_sql.fill(connection, count)
    connection.execute("vacuum analyze")


def install_oban(connection: psycopg.Connection[Any]) -> None:
    """Its tables."""
    schema: str = import_module("oban.schema").install_sql()
    connection.execute(cast(LiteralString, schema))


def fill_oban(connection: psycopg.Connection[Any], count: int) -> None:
    """Its tables, and jobs in them."""
    install_oban(connection)
    connection.execute(
        "insert into oban_jobs (queue, worker, args)"
        " select 'bench', %s, jsonb_build_object('n', n) from generate_series(1, %s) n",
        (f"{__name__}.Noop", count),
    )
    connection.execute("vacuum analyze")


def install_pgqueuer(connection: psycopg.Connection[Any]) -> None:
    """Its tables."""

    async def install() -> None:
        dsn = connection.info.dsn + f" password={connection.info.password}"
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as own:
            driver = import_module("pgqueuer.db").PsycopgDriver(own)
            await import_module("pgqueuer.queries").Queries(driver).install()

    asyncio.run(install())


def fill_pgqueuer(connection: psycopg.Connection[Any], count: int) -> None:
    """Its tables, and jobs in them."""
    install_pgqueuer(connection)
    connection.execute("alter table pgqueuer disable trigger user")
    connection.execute(
        "insert into pgqueuer (priority, entrypoint, status)"
        " select 0, 'noop', 'queued' from generate_series(1, %s)",
        (count,),
    )
    connection.execute("alter table pgqueuer enable trigger user")
    connection.execute("vacuum analyze")


def install_pgmq(connection: psycopg.Connection[Any]) -> None:
    """Create its schema and a queue from its Python package's SQL, which needs no extension."""
    found = importlib.util.find_spec("pgmq")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("pgmq is not installed")
    text = Path(found.submodule_search_locations[0], "sql", "pgmq.sql").read_text("utf-8")
    connection.execute(cast(LiteralString, text))
    connection.execute("select pgmq.create('bench')")


def fill_pgmq(connection: psycopg.Connection[Any], count: int) -> None:
    """Its tables, and messages in them."""
    install_pgmq(connection)
    connection.execute(
        "select count(*) from pgmq.send_batch('bench', array("
        "select jsonb_build_object('n', n) from generate_series(1, %s) n))",
        (count,),
    )
    connection.execute("vacuum analyze")
