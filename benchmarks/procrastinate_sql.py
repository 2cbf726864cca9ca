"""Procrastinate's own schema and SQL functions, read from its package rather than copied."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, LiteralString, cast

import psycopg

FETCH: LiteralString = "select id from procrastinate_fetch_job_v2(array['bench']::varchar[], null)"
PGBENCH_FETCH = f"{FETCH};\n"
# \gset stores the column as :id; two round trips, as procrastinate's worker makes them.
PGBENCH_SINGLE = f"{FETCH} \\gset\nselect procrastinate_finish_job_v1(:id, 'succeeded', false);\n"


def install(connection: psycopg.Connection[Any]) -> None:
    """Create procrastinate's tables and functions in the database."""
    schema = files("procrastinate").joinpath("sql", "schema.sql").read_text(encoding="utf-8")
    connection.execute(cast(LiteralString, schema))


def fill(connection: psycopg.Connection[Any], count: int, *, queue: str = "bench") -> None:
    """Add `count` ready jobs to a queue, as procrastinate's defer leaves them, but without its
    triggers: a million NOTIFYs are not what is measured.
    """
    connection.execute("set session_replication_role = replica")
    connection.execute(
        "insert into procrastinate_jobs (queue_name, task_name, priority, args, status)"
        " select %s, 'noop', n %% 3, jsonb_build_object('n', n), 'todo'"
        " from generate_series(1, %s) n",
        (queue, count),
    )
    connection.execute("reset session_replication_role")


def complete_in_bulk(connection: psycopg.Connection[Any], number: int) -> None:
    """Update the rows of the next `number` jobs as its functions do to fetch and finish them."""
    connection.execute("set session_replication_role = replica")
    connection.execute(
        "update procrastinate_jobs set status = 'doing' where id in ("
        "select id from procrastinate_jobs where status = 'todo' and queue_name = 'bench'"
        " order by priority desc, id limit %s)",
        (number,),
    )
    connection.execute(
        "update procrastinate_jobs set status = 'succeeded', attempts = attempts + 1"
        " where status = 'doing'"
    )
    connection.execute("reset session_replication_role")


def clear(connection: psycopg.Connection[Any]) -> None:
    """Remove all but ready jobs."""
    connection.execute("truncate procrastinate_events")
    connection.execute("delete from procrastinate_jobs where status <> 'todo'")
    connection.execute("vacuum (index_cleanup on) procrastinate_jobs")


def tidy(connection: psycopg.Connection[Any], depth: int) -> None:
    """Return to exactly `depth` ready jobs; vacuum and analyse."""
    clear(connection)
    row = connection.execute("select count(*) from procrastinate_jobs").fetchone()
    fill(connection, depth - (row[0] if row else 0))
    connection.execute("vacuum (analyze, index_cleanup on)")
