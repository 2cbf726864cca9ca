"""What the catalogue of the database says of all tables and functions at once."""

from __future__ import annotations

import re
from typing import Any, LiteralString

import psycopg
import pytest

from aiwebhook.postgres.statements import statement

PRUNED = {
    "access_tokens": "prune_tokens",
    "audit_log": "prune_audit",
    "callback_hosts": "prune_callback_hosts",
    "callback_verifications": "prune_verifications",
    "channels": "delete_channel",
    "connections": "prune_connections",
    "deliveries": "prune_deliveries",
    "door_limits": "prune_door_limits",
    "endpoints": "delete_endpoint",
    "event_subscriptions": "prune_subscriptions",
    "events": "prune_events",
    "granted_waits": "grant_wait",
    "idempotency_keys": "prune_idempotency_keys",
    "inbound_deliveries": "prune_inbound_deliveries",
    "lease_counts": "claim_tasks",
    "missed_deliveries": "give_up_missed",
    "oauth_clients": "prune_oauth_clients",
    "outbox": "delete_outbox",
    "rate_buckets": "prune_connections",
    "rate_leases": "check_key",
    "reconciliations": "delete_reconciliation",
    "refresh_tokens": "prune_tokens",
    "rule_evaluations": "settle_evaluation",
    "rules": "delete_rule",
    "runs_to_stop": "forget_runs_to_stop",
    "sessions": "delete_session",
    "sources": "delete_source",
    "spoken_conversations": "prune_spoken_conversations",
    "task_attempts": "prune_attempts",
    "workers": "prune_workers",
}
"""Tables whose rows go by themselves or when a person says so, and the statement that deletes."""
CASCADES = {
    "artifacts": "sessions",
    "conversation_chunks": "sessions",
    "last_sessions": "sessions",
    "memories": "sessions",
    "readers": "sessions",
    "rule_runs": "inbound_deliveries",
    "session_floors": "sessions",
    "task_checkpoints": "tasks",
    "task_dependencies": "tasks",
    "task_messages": "tasks",
    "tasks": "sessions",
}
"""Tables whose rows go with a row of another, by a foreign key."""
TRIGGERED = {
    "task_payloads": "forget_task",
    "task_results": "forget_task",
    "unacknowledged_news": "forget_news",
}
"""The same, by a trigger's function."""
ONE_ROW = {"blob_sweep", "database_mark", "github_networks", "outbox_progress", "outbox_witness"}
FEW = {
    "agents": "one for each agent of a project",
    "api_keys": "made by hand; revoked ones stay for the audit log",
    "feed_breaks": "one for each restore",
    "feed_floors": "one for each project",
    "launch_buckets": "one for each account",
    "people": "made by hand",
    "projects": "made by hand",
    "queue_lanes": "ten for each agent of a project",
    "retention_rules": "one for each kind and project",
    "retention_walks": "one for each kind and project",
    "schema_migrations": "one for each migration",
}
"""Tables that do not grow with use, and why."""


def ask(dsn: str, query: LiteralString) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.req("O8")
def test_no_table_only_grows(database: str) -> None:
    tables = ask(
        database,
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace",
    )
    known = [*PRUNED, *CASCADES, *TRIGGERED, *ONE_ROW, *FEW]
    assert sorted(known) == sorted(name for (name,) in tables)


@pytest.mark.req("O8")
@pytest.mark.parametrize("table", PRUNED)
def test_rows_go_by_the_statement_that_is_named(table: str) -> None:
    assert re.search(rf"\bDELETE FROM {table}\b", statement(PRUNED[table]))


@pytest.mark.req("O8")
def test_rows_go_with_the_row_that_is_named(database: str) -> None:
    keys = ask(
        database,
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND confdeltype = 'c'",
    )
    assert set(CASCADES.items()) <= {(child, parent) for child, parent in keys}
    sources = dict(ask(database, "SELECT proname, prosrc FROM pg_proc WHERE prorettype = 2279"))
    assert all(
        re.search(rf"\bDELETE FROM {table}\b", sources[by]) for table, by in TRIGGERED.items()
    )
    single = ask(
        database,
        "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'only_row'"
        " AND attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r')",
    )
    assert {name for (name,) in single} == ONE_ROW


@pytest.mark.req("O1")
def test_what_runs_with_the_owners_rights_looks_only_where_the_owner_made_tables(
    database: str,
) -> None:
    functions = ask(
        database,
        "SELECT proname, proconfig FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    )
    where = ["search_path=pg_catalog, public, pg_temp"]
    assert functions
    assert {name: config for name, config in functions if config != where} == {}


@pytest.mark.req("O1")
def test_a_table_in_the_way_gets_nothing_that_the_owners_functions_write(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as caller:
        caller.execute("CREATE TEMPORARY TABLE unacknowledged_news (LIKE unacknowledged_news)")
        caller.execute("SELECT set_config('search_path', 'pg_temp, public', false)")
        caller.execute("INSERT INTO projects (project_id, name) VALUES ('in_the_way', 'p')")
        caller.execute(
            "INSERT INTO events (project_id, session_id, seq, type)"
            " VALUES ('in_the_way', 's', 1, 'task.completed')"
        )
        counted = caller.execute(
            "SELECT (SELECT count(*) FROM pg_temp.unacknowledged_news),"
            " (SELECT count(*) FROM public.unacknowledged_news WHERE project_id = 'in_the_way')"
        ).fetchone()
    assert counted == (0, 1)
