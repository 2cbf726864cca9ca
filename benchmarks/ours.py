"""Our side of the queue cells: filling it, and its statements in pgbench's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from aiwebhook.domain.event import PUBLISHED
from aiwebhook.postgres.statements import statement

PROJECT = "bench"
AGENT = "bench"
_PUBLISHED = sorted(kind.value for kind in PUBLISHED)
CLAIM: Mapping[str, Any] = {
    "project_id": PROJECT,
    "agent_name": AGENT,
    "worker_id": "bench-worker",
    "lease_s": 60,
    "limit": 1,
    "published": _PUBLISHED,
}
_REPORT: Mapping[str, Any] = {"output": {}, "exit_code": 0}
_LITERALS = {
    "project_id": f"'{PROJECT}'::text",
    "agent_name": f"'{AGENT}'::text",
    "worker_id": "'bench-worker'::text",
    "lease_s": "60::double precision",
    "published": f"'{{{','.join(_PUBLISHED)}}}'::text[]",
    "project_ids": f"array['{PROJECT}']",
    "task_ids": "array[:task_id]",
    "lease_epochs": "array[:lease_epoch]",
    "completions": f"array['{json.dumps(dict(_REPORT))}']",
}
_PARAMETER = re.compile(r"%\((\w+)\)s")
_COMMENT = re.compile(r"--[^\n]*")


def completion(task_id: str, lease_epoch: int) -> dict[str, Any]:
    """Parameters of complete_runs for one run."""
    return {
        "project_ids": [PROJECT],
        "task_ids": [task_id],
        "lease_epochs": [lease_epoch],
        "completions": [Jsonb(dict(_REPORT))],
        "published": _PUBLISHED,
    }


def pgbench_single() -> str:
    """Claim one task and complete it, as a worker does: lock and claim in one transaction, then
    the terminal write.
    """
    return _claim(1, "\\gset") + as_pgbench("complete_runs") + ";\n"


def pgbench_claim(size: int) -> str:
    """Claim `size` tasks in one transaction."""
    return _claim(size, ";")


def pgbench_complete(prefix: str, *, clients: int, end: str = ";") -> str:
    """Complete the tasks `<prefix>1`, `<prefix>2` …, each client its own share. `:n` counts a
    client's transactions, because pgbench keeps variables from one to the next.
    """
    task_id = f"('{prefix}' || (:n * {clients} - :client_id))"
    leases = {"task_ids": f"array[{task_id}]", "lease_epochs": "array[1]"}
    text = as_pgbench("complete_runs", leases)
    return f"\\set n :n + 1\n{text} {end}\n"


def prepare(
    connection: psycopg.Connection[Any],
    *,
    agent: str = AGENT,
    cap: int = 1_000_000,
    sessions: int = 100,
) -> None:
    """Project, agent and sessions. `cap` is the agent's max_concurrent."""
    connection.execute("insert into projects values ('bench', 'bench') on conflict do nothing")
    connection.execute(
        "insert into agents (project_id, agent_name, manifest, max_concurrent)"
        " values ('bench', %s, '{}', %s) on conflict do nothing",
        (agent, cap),
    )
    connection.execute(
        "insert into sessions (project_id, session_id)"
        " select 'bench', 's' || n from generate_series(0, %s - 1) n on conflict do nothing",
        (sessions,),
    )


def fill(
    connection: psycopg.Connection[Any], count: int, *, agent: str = AGENT, prefix: str = ""
) -> None:
    """Add `count` ready tasks to an agent's queue, over 100 sessions and three priorities, as
    delegate_task leaves them. `prefix` distinguishes the ids of several fills.
    """
    prepare(connection, agent=agent)
    ids = prefix or f"{agent}-"
    connection.execute(
        "insert into tasks (project_id, task_id, session_id, agent_name, ready, priority, fair_tag,"
        " max_attempts, timeout_s)"
        " select 'bench', %(ids)s || n, 's' || n %% 100, %(agent)s, true, n %% 3,"
        " n / 100 + (select coalesce(max(fair_tag), 0) from tasks), 3, 600"
        " from generate_series(1, %(count)s) n",
        {"ids": ids, "agent": agent, "count": count},
    )
    connection.execute(
        "insert into task_payloads (project_id, task_id, session_id, input, correlation_id)"
        " select 'bench', %(ids)s || n, 's' || n %% 100, jsonb_build_object('n', n), 'bench'"
        " from generate_series(1, %(count)s) n",
        {"ids": ids, "count": count},
    )


def start(connection: psycopg.Connection[Any], prefix: str, count: int) -> None:
    """Add `count` tasks `<prefix><n>` that are running under lease epoch 1."""
    fill(connection, count, prefix=prefix)
    connection.execute(
        "update tasks set status = 'running', phase = 1, ready = false, attempts = 1,"
        " lease_epoch = 1, lease_until = now() + interval '1 hour' where starts_with(task_id, %s)",
        (prefix,),
    )
    connection.execute(
        "insert into task_attempts"
        " (project_id, task_id, lease_epoch, agent_name, status, worker_id)"
        " select 'bench', %s || n, 1, 'bench', 'running', 'bench-worker'"
        " from generate_series(1, %s) n",
        (prefix, count),
    )


def complete_in_bulk(
    connection: psycopg.Connection[Any], number: int, *, agent: str = AGENT, cap: int = 100
) -> None:
    """Claim the next `number` tasks, as many at a time as the cap allows, so that the marks of
    lanes move, and end them by `end_in_bulk`.
    """
    order = {**CLAIM, "agent_name": agent, "limit": min(cap, 100), "worker_id": None}
    taken = 0
    while taken < number:
        with connection.transaction():
            connection.execute(statement("lock_agent"), order)
            taken += len(connection.execute(statement("claim_tasks"), order).fetchall())
        end_in_bulk(connection, agent)


def end_in_bulk(connection: psycopg.Connection[Any], agent: str) -> None:
    """Update the queue rows of all running tasks of an agent as completing them does."""
    connection.execute(
        "update tasks set status = 'completed', phase = 2, lease_until = null"
        " where project_id = 'bench' and agent_name = %s and phase = 1",
        (agent,),
    )


def clear(connection: psycopg.Connection[Any]) -> None:
    """Remove all but ready tasks, because leases would count in every later claim."""
    connection.execute("truncate events, outbox, task_attempts, task_results")
    connection.execute("delete from tasks where not ready")
    connection.execute("vacuum (index_cleanup on) tasks, sessions, queue_lanes")


def tidy(connection: psycopg.Connection[Any], depth: int, *, prefix: str) -> None:
    """Return to exactly `depth` ready tasks; vacuum and analyse."""
    clear(connection)
    row = connection.execute("select count(*) from tasks").fetchone()
    fill(connection, depth - (row[0] if row else 0), prefix=prefix)
    connection.execute("vacuum (analyze, index_cleanup on)")


def as_pgbench(name: str, literals: Mapping[str, str] | None = None) -> str:
    """A statement on one line, parameters replaced by literals or pgbench variables."""
    known = {**_LITERALS, **(literals or {})}
    text = _PARAMETER.sub(lambda match: known[match[1]], _COMMENT.sub("", statement(name)))
    # pgbench would take :MI in a time format as a variable.
    return " ".join(text.replace(":MI:SS", '":"MI":"SS').split())


def _claim(limit: int, end: str) -> str:
    text = as_pgbench("claim_tasks", {"limit": f"{limit}::integer"})
    return f"begin;\n{as_pgbench('lock_agent')};\n{text} {end}\nend;\n"
