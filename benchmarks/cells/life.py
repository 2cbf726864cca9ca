"""What one task costs the database from its acceptance to its end and its acknowledgement.

The steps are those of `tests/session_api/test_life_of_a_task.py`, which limits their cost.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from contextlib import closing, redirect_stdout

import psycopg

from benchmarks.lab import Effort, Lab, say
from benchmarks.report import Section, Table, Verdict, whole
from benchmarks.targets import LIFE, LIFE_WAL
from tests.support.commands import CountedDatabase
from tests.support.cost import CostMeter, Step, median
from tests.support.life import Life
from tests.support.session_api import ApiDriver

_WARM, _LIVES = 3, 15
_TRIPS, _COMMITS, _WAL = 18, 9, 9_000
_AFTERWARDS = ("updates", "acknowledge")
_BEAT = "heartbeat"
_WHY = (
    "what is answered by 2xx is a commit of its own (accept, start, each heartbeat, progress, "
    "complete, acknowledgement); the dispatcher has three, as launch tokens are taken before the "
    "claim and a launch is recorded after it; `settle_outbox` and the token of a read wait for no "
    "disk"
)
_WHY_WAL = "the largest are {largest}; what each statement writes is in the table"


def run(lab: Lab, effort: Effort) -> Section:
    """One life after the other, the median of each step by its WAL."""
    del effort
    say(f"life: {_LIVES} tasks, step by step")
    lab.set("full_page_writes", "off")
    dsn = lab.database("life")
    driver = ApiDriver(dsn)
    (database,) = [d for d in driver.outside.databases if isinstance(d, CountedDatabase)]
    logging.getLogger("aiwebhook").setLevel(logging.ERROR)
    with (
        closing(psycopg.connect(dsn, autocommit=True)) as observer,
        redirect_stdout(io.StringIO()),  # metrics are made, and go nowhere
    ):
        life = Life(driver, CostMeter(database=database, observer=observer))
        for _ in range(_WARM):
            life.live()
        steps = median([life.live() for _ in range(_LIVES)])
    driver.outside.close()
    return _section(steps)


def _section(steps: Sequence[Step]) -> Section:
    beat = next(step for step in steps if step.name == _BEAT)
    ended = [step for step in steps if step.name not in (*_AFTERWARDS, _BEAT)]
    to_end, in_all = _sums([*ended, beat]), _sums(steps)
    totals = (("to its end, one heartbeat", to_end), ("in all", in_all))
    return Section(
        title="The life of a task",
        how=(
            "One task with 800 bytes of input: accepted by `POST /v1/tasks`, claimed and launched "
            "by the dispatcher; the run starts, reads its context, sends two heartbeats and one "
            "progress event, and completes; then the news is read and acknowledged. A pipeline "
            "that is flushed once is one round trip. Full-page images are off, and autovacuum."
        ),
        tables=(
            Table(
                header=("step", "statements", "round trips", "commits", "WAL"),
                rows=[
                    *(
                        (s.name, " ".join(s.statements), *_counts(s.round_trips, s.commits, s.wal))
                        for s in steps
                    ),
                    *((name, "", *_counts(*sums)) for name, sums in totals),
                ],
            ),
        ),
        verdicts=_verdicts(steps, in_all, to_end),
    )


def _verdicts(
    steps: Sequence[Step], in_all: tuple[int, int, int], to_end: tuple[int, int, int]
) -> tuple[Verdict, Verdict]:
    trips, commits, wal = in_all
    met = trips <= _TRIPS and commits <= _COMMITS
    largest = sorted(steps, key=lambda step: step.wal, reverse=True)[:3]
    named = ", ".join(f"{step.name} ({whole(step.wal)} B)" for step in largest)
    return (
        Verdict(
            row=LIFE,
            target=f"≤ {_TRIPS} round trips, ≤ {_COMMITS} commits",
            measured=(
                f"{trips} and {commits}; to its end with one heartbeat {to_end[0]} and {to_end[1]}"
            ),
            met=met,
            why="" if met else _WHY,
        ),
        Verdict(
            row=LIFE_WAL,
            target=f"≤ {_WAL:,} B",
            measured=f"{whole(wal)} B; to its end with one heartbeat {whole(to_end[2])} B",
            met=wal <= _WAL,
            why="" if wal <= _WAL else _WHY_WAL.format(largest=named),
        ),
    )


def _sums(steps: Sequence[Step]) -> tuple[int, int, int]:
    return (
        sum(step.round_trips for step in steps),
        sum(step.commits for step in steps),
        sum(step.wal for step in steps),
    )


def _counts(trips: int, commits: int, wal: int) -> tuple[str, str, str]:
    return str(trips), str(commits), f"{whole(wal)} B"
