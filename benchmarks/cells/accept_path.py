"""A chunk of conversation through relay's handler, next to one bare INSERT that commits."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import psycopg

from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from benchmarks.lab import Effort, Lab, credentials_in, percentile, say
from benchmarks.relay import running_relay
from benchmarks.report import Section, Table, Verdict, ms, times
from benchmarks.targets import ACCEPT

_TEXT = "We decided to ship on Friday, and Ana writes the notes. " * 20  # about 1.1 KB


def run(lab: Lab, effort: Effort) -> Section:
    """Bare commit and handler in turns, on two warm connections."""
    number = 150 if effort.quick else 600
    say(f"accept path: {number} chunks")
    lab.database("accept")
    found: dict[str, list[float]] = {"bare": [], _AS_BUILT: [], _PREPARED: [], _PLANNED: []}
    waited: list[float] = []
    with _relay(lab) as (post, database), lab.connect("accept") as other:
        other.execute("create table bare (n bigint generated always as identity, body text)")
        _fill(post, number)
        other.execute("vacuum analyze")  # as autovacuum would within a minute; the lab has it off
        as_built = database.pipe.prepared.after
        thresholds = {_AS_BUILT: as_built, _PREPARED: 0, _PLANNED: None}
        before = _sessions_and_commits(database.connection, other)
        for n in range(number):
            found["bare"].append(_timed(lambda: other.execute(_BARE, (_TEXT,))))
            for name, threshold in thresholds.items():
                database.pipe.prepared.after = threshold
                database.waited_s = 0.0
                found[name].append(_timed(lambda key=f"{name}-{n}": post("bench", key)))
                if name == _AS_BUILT:
                    waited.append(database.waited_s)
        requests = number * len(thresholds)
        after = _sessions_and_commits(database.connection, other)
        opened, commits = after[0] - before[0], after[1] - before[1] - number
    lab.drop("accept")
    found[_WAITED] = waited
    return _section(found, commits / requests, opened * 1000 // requests, as_built)


def _fill(post: _Post, number: int) -> None:
    """Sessions with some conversation: what the planner chooses in an empty database, or for a
    single session, is what nobody runs for long.
    """
    for n in range(_SESSIONS):
        post(f"other-{n}", f"create-{n}")
        for chunk in range(_CHUNKS):
            post(f"other-{n}", f"before-{n}-{chunk}")
    post("bench", f"create-{number}")


_Post = Callable[[str, str], None]
_SESSIONS, _CHUNKS = 50, 20
_BARE = "insert into bare (body) values (%s)"
_AS_BUILT, _PREPARED, _PLANNED = "accept, as built", "accept, prepared", "accept, never prepared"
_WAITED = "as built, of it the database"


# reason: the table of one section, and what is said of it
def _section(
    found: dict[str, list[float]], commits: float, opened: int, as_built: int | None
) -> Section:
    def at(name: str, share: float) -> float:
        return percentile(found[name], share)

    median = at(_AS_BUILT, 0.5) / at("bare", 0.5)
    p99 = at(_AS_BUILT, 0.99)
    rows = [
        (n, *(ms(at(n, p)) for p in (0.1, 0.5, 0.99)), times(at(n, 0.5) / at("bare", 0.5)))
        for n in found
    ]
    return Section(
        title="Accept path",
        how=(
            f"The door of relay in this process with `append_conversation` of "
            f"{len(_TEXT):,} bytes: key, rate limit, schema, idempotency, chunk, event, updates. "
            "In turns with one INSERT of the same text that commits; fsync on; AWS faked. "
            f"{_SESSIONS} sessions of {_CHUNKS} chunks are there before, and their statistics."
        ),
        tables=(
            Table(
                header=("", "p10", "p50", "p99", "p50 ÷ bare"),
                rows=rows,
            ),
        ),
        verdicts=(
            Verdict(
                row=ACCEPT,
                target="≤ 3.5×, one round trip, one commit; p99 published",
                measured=(
                    f"{times(median)}, {commits:.1f} commits a request; p99 {ms(p99)}, "
                    f"{times(p99 / at('bare', 0.99))} the bare one's"
                ),
                met=median <= 3.5,
                why="" if median <= 3.5 else _why(at(_AS_BUILT, 0.5), at(_WAITED, 0.5)),
            ),
            Verdict(
                target="new connections per 1,000 requests: 0", measured=str(opened), met=not opened
            ),
        ),
        notes=(f"As built: a statement is prepared when it has come {as_built} time before.",),
    )


class _WatchedDatabase(Database):
    """Knows how long it was waited for."""

    waited_s = 0.0

    def together(self, *calls: Call[Any]) -> list[Any]:
        """As ever, and timed."""
        start = perf_counter()
        try:
            return super().together(*calls)
        finally:
            self.waited_s += perf_counter() - start


def _why(whole: float, database: float) -> str:
    return (
        f"of {ms(whole)}, {ms(database)} are the one round trip with its sending and receiving: "
        "the key looked up again, the news, the key of idempotency, chunk, session and event, "
        f"where the bare one inserts a row; {ms(whole - database)} are JSON, schema, reply "
        "and metrics"
    )


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _sessions_and_commits(*connections: psycopg.Connection[Any]) -> tuple[int, int]:
    """What the database has counted: connections opened, and transactions (one per statement)."""
    for connection in connections:
        connection.execute("select pg_stat_force_next_flush()")
    row = connections[-1].execute(
        "select sessions, xact_commit from pg_stat_database where datname = current_database()"
    )
    sessions, commits = row.fetchone() or (0, 0)
    return sessions, commits


@contextmanager
def _relay(lab: Lab) -> Generator[tuple[_Post, _WatchedDatabase]]:
    database = _WatchedDatabase(lambda: credentials_in(lab.server.dsn("accept")))

    def send(session_id: str, name: str) -> None:
        create = {"command": "create_session", "data": {"title": "Bench"}}
        append = {"command": "append_conversation", "data": {"content": _TEXT}}
        body = {**(create if name.startswith("create") else append), "session_id": session_id}
        if (status := post(body, name.replace(" ", "-"))) != 200:
            raise RuntimeError(f"relay answered {status} to {body['command']}")

    try:
        with running_relay(database) as post:
            yield send, database
    finally:
        database.close()
