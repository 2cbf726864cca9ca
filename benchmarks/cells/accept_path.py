"""A chunk of conversation through relay's handler, next to one bare INSERT that commits."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Any

import psycopg

from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from benchmarks.lab import Effort, Lab, credentials_in, percentile, say, shuffled_rounds
from benchmarks.relay import Event, running_relay
from benchmarks.report import Section, Table, Verdict, ms, times
from benchmarks.targets import ACCEPT

_TEXT = "We decided to ship on Friday, and Ana writes the notes. " * 20  # about 1.1 KB


def run(lab: Lab, effort: Effort) -> Section:
    """Bare commit and handler in turns, on two warm connections."""
    number = 150 if effort.quick else 600
    say(f"accept path: {number} chunks")
    lab.database("accept")
    with _relay(lab) as (event, answer, database), lab.connect("accept") as other:
        other.execute("create table bare (n bigint generated always as identity, body text)")
        _fill(lambda session_id, name: answer(event(session_id, name)), number)
        other.execute("vacuum analyze")  # as autovacuum would within a minute; the lab has it off
        before = _sessions_and_commits(database.connection, other)

        def in_turns(name: str) -> _Turns:
            return _in_turns(
                number,
                bare=lambda _: other.execute(_BARE, (_TEXT,)),
                event=lambda n: event("bench", f"{name}-{n}"),
                accept=answer,
                database=database,
            )

        as_built = in_turns(_AS_BUILT)
        planned_anew = _planned_anew(database.connection)
        database.pipe.prepared.after = None
        never_prepared = in_turns(_NEVER_PREPARED)
        after = _sessions_and_commits(database.connection, other)
        requests = 2 * number
        opened, commits = after[0] - before[0], after[1] - before[1] - requests
    lab.drop("accept")
    turns = {_AS_BUILT: as_built, _NEVER_PREPARED: never_prepared}
    return _section(turns, commits / requests, opened * 1000 // requests, planned_anew)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turns:
    """Seconds of each turn; `waited`: of it the database."""

    bare: list[float]
    accept: list[float]
    waited: list[float]


def _in_turns(
    number: int,
    *,
    bare: Callable[[int], object],
    event: Callable[[int], Event],
    accept: Callable[[Event], object],
    database: _WatchedDatabase,
) -> _Turns:
    """One of each a round, in a new order each time: who comes behind another finds the caches as
    that left them, which alone is a tenth. Nothing else comes between.
    """
    waited: list[float] = []

    def watched(n: int) -> float:
        coming = event(n)  # what API Gateway makes of the request is no part of relay
        database.waited_s = 0.0
        seconds = _timed(lambda: accept(coming))
        waited.append(database.waited_s)
        return seconds

    turn = count()
    found = shuffled_rounds(
        {_BARE_COMMIT: lambda: _timed(lambda: bare(0)), _AS_BUILT: lambda: watched(next(turn))},
        number,
    )
    return _Turns(bare=found[_BARE_COMMIT], accept=found[_AS_BUILT], waited=waited)


def _planned_anew(connection: psycopg.Connection[Any]) -> float:
    """Which share of the executions of the connection's prepared statements had a plan made for it,
    instead of the one that the server keeps.
    """
    row = connection.execute(
        "select sum(custom_plans)::float8 / sum(generic_plans + custom_plans)"
        " from pg_prepared_statements"
    ).fetchone()
    return row[0] if row else 1.0


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
_BARE_COMMIT = "bare"
_AS_BUILT, _NEVER_PREPARED = "accept, as built", "accept, never prepared"


# reason: the table of one section, and what is said of it
def _section(
    turns: Mapping[str, _Turns], commits: float, opened: int, planned_anew: float
) -> Section:
    built = turns[_AS_BUILT]
    bare_median, median, p99 = (
        percentile(built.bare, 0.5),
        percentile(built.accept, 0.5),
        percentile(built.accept, 0.99),
    )
    ratio = median / bare_median
    rows = [_row(_BARE_COMMIT, built.bare, bare_median)]
    rows += [_row(name, t.accept, percentile(t.bare, 0.5)) for name, t in turns.items()]
    rows.append(_row("as built, of it the database", built.waited, bare_median))
    return Section(
        title="Accept path",
        how=(
            f"The door of relay in this process with `append_conversation` of "
            f"{len(_TEXT):,} bytes: key, rate limit, schema, idempotency, chunk, event, updates. "
            "In turns with one INSERT of the same text that commits, in a new order each round; "
            "fsync on; AWS faked; API Gateway's event is made before the clock starts, "
            "and no line is logged. "
            f"{_SESSIONS} sessions of {_CHUNKS} chunks are there before, and their statistics."
        ),
        tables=(Table(header=("", "p10", "p50", "p99", "p50 ÷ bare"), rows=rows),),
        verdicts=(
            Verdict(
                row=ACCEPT,
                target="≤ 3.5×, one round trip, one commit; p99 published",
                measured=(
                    f"{times(ratio)}, {commits:.1f} commits a request; p99 {ms(p99)}, "
                    f"{times(p99 / percentile(built.bare, 0.99))} the bare one's"
                ),
                met=ratio <= 3.5,
                why="" if ratio <= 3.5 else _why(median, percentile(built.waited, 0.5)),
            ),
            Verdict(
                target="new connections per 1,000 requests: 0", measured=str(opened), met=not opened
            ),
        ),
        notes=(_how_prepared(planned_anew),),
    )


def _how_prepared(planned_anew: float) -> str:
    return (
        "Both sides are prepared on the server, as in any process that lives for more than a few "
        f"requests: {planned_anew:.1%} of relay's executions had a plan made for them, the first "
        "five of each statement; the INSERT likewise (psycopg prepares it at its sixth)."
    )


def _row(name: str, found: Sequence[float], bare: float) -> tuple[str, ...]:
    shown = (ms(percentile(found, share)) for share in (0.1, 0.5, 0.99))
    return (name, *shown, times(percentile(found, 0.5) / bare))


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


_Make = Callable[[str, str], Event]
_Answer = Callable[[Event], None]


@contextmanager
def _relay(lab: Lab) -> Generator[tuple[_Make, _Answer, _WatchedDatabase]]:
    database = _WatchedDatabase(lambda: credentials_in(lab.server.dsn("accept")))

    try:
        with running_relay(database) as relay:

            def event(session_id: str, name: str) -> Event:
                create = {"command": "create_session", "data": {"title": "Bench"}}
                append = {"command": "append_conversation", "data": {"content": _TEXT}}
                chosen = create if name.startswith("create") else append
                return relay.event({**chosen, "session_id": session_id}, name.replace(" ", "-"))

            def answer(event: Event) -> None:
                if (status := relay.answer(event)) != 200:
                    raise RuntimeError(f"relay answered {status}")

            yield event, answer, database
    finally:
        database.close()
