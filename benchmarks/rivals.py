"""Procrastinate's own schema and SQL functions, read from its PyPI package: nothing of it is copied here."""

from __future__ import annotations

from importlib.resources import files
from typing import LiteralString, cast

import psycopg

FETCH: LiteralString = "select id from procrastinate_fetch_job_v2(array['bench']::varchar[], null)"
# \gset stores the column as :id; fetch and finish are two round trips, as procrastinate's worker makes them.
PGBENCH_SINGLE = (
    "select id from procrastinate_fetch_job_v2(array['bench']::varchar[], null) \\gset\n"
    "select procrastinate_finish_job_v1(:id, 'succeeded', false);\n"
)


def install(dsn: str) -> None:
    """Create procrastinate's tables and functions in the database."""
    schema = files("procrastinate").joinpath("sql", "schema.sql").read_text(encoding="utf-8")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(cast(LiteralString, schema))


def fill(dsn: str, count: int, *, queue: str = "bench") -> None:
    """Put `count` ready jobs into a queue, as procrastinate's defer leaves them, without its event triggers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # a million NOTIFYs are not the point
        connection.execute(
            "insert into procrastinate_jobs (queue_name, task_name, priority, args, status)"
            " select %s, 'noop', n %% 3, jsonb_build_object('n', n), 'todo'"
            " from generate_series(1, %s) n",
            (queue, count),
        )
        connection.execute("vacuum analyze procrastinate_jobs")
