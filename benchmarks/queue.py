"""Our side of the queue cells: filling it, and its statements in pgbench's language."""

from __future__ import annotations

import re

import psycopg

from aiwebhook.postgres.statements import statement

PROJECT = "bench"
_PARAMETER = re.compile(r"%\((\w+)\)s")
_LITERALS = {
    "project_id": "'bench'::text",
    "agent_name": "'bench'::text",
    "worker_id": "'bench-worker'::text",
    "lease_s": "60::double precision",
    "published": "'{task.completed,task.failed,task.cancelled,memory.stored}'::text[]",
    "say": "null::text",
    "output": "'{}'::jsonb",
    "usage": "null::jsonb",
    "exit_code": "0::integer",
    "memories": "'[]'::jsonb",
    "forget": "'{}'::text[]",
    "task_id": ":task_id",
    "lease_epoch": ":lease_epoch",
}
_COMMENT = re.compile(r"--[^\n]*")


def pgbench_single() -> str:
    """Claim one task and complete it, as a worker does: lock and claim in one transaction, then the terminal write."""
    return _claim(1, "\\gset") + _as_pgbench("complete_run", {}) + ";\n"


def pgbench_claim_batch(size: int) -> str:
    """Claim `size` tasks in one transaction."""
    return _claim(size, ";")


def fill(dsn: str, count: int, *, agent: str = "bench", sessions: int = 100) -> None:
    """`count` ready tasks of one agent, spread over sessions and three priorities, as delegate_task leaves them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("insert into projects values ('bench', 'bench') on conflict do nothing")
        connection.execute(
            "insert into agents (project_id, agent_name, manifest, max_concurrent)"
            " values ('bench', %s, '{}', 1000000) on conflict do nothing",
            (agent,),
        )
        connection.execute(
            "insert into sessions (project_id, session_id)"
            " select 'bench', 's' || n from generate_series(0, %s - 1) n on conflict do nothing",
            (sessions,),
        )
        connection.execute(
            "insert into tasks (project_id, task_id, session_id, agent_name, ready, priority, fair_tag,"
            " max_attempts, timeout_s)"
            " select 'bench', %s || n, 's' || n %% %s, %s, true, n %% 3, n / %s, 3, 600"
            " from generate_series(1, %s) n",
            (f"{agent}-", sessions, agent, sessions, count),
        )
        connection.execute(
            "insert into task_payloads (project_id, task_id, session_id, input, correlation_id)"
            " select 'bench', %s || n, 's' || n %% %s, jsonb_build_object('n', n), 'bench'"
            " from generate_series(1, %s) n",
            (f"{agent}-", sessions, count),
        )
        for table in ("tasks", "task_payloads", "sessions"):
            connection.execute(psycopg.sql.SQL("vacuum analyze {}").format(psycopg.sql.Identifier(table)))


def _claim(limit: int, end: str) -> str:
    text = _as_pgbench("claim_tasks", {"limit": f"{limit}::integer"})
    return f"begin;\n{_as_pgbench('lock_agent', {})};\n{text} {end}\nend;\n"


def _as_pgbench(name: str, literals: dict[str, str]) -> str:
    """A statement on one line, parameters replaced by literals or pgbench variables."""
    known = _LITERALS | literals
    text = _PARAMETER.sub(lambda match: known[match[1]], _COMMENT.sub("", statement(name)))
    return " ".join(text.split())
