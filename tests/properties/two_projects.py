"""Two projects with the same ids in every table, and each statement run for one of them.

What belongs to project `b` says so in its contents. A statement that forgets its project shows
them, or changes them.
"""

# ruff: noqa: S608, ISC004, E501  reason: rows of a fixture, made of constants of this file
# reason: one value for every parameter of every statement, side by side

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, cast

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

A, B = "a", "b"
_STATES = {
    # name: (session, agent, status, ready, more columns)
    "ready": "'pending', true, 0, 0, NULL, NULL, NULL, 0",
    "due": "'pending', false, 0, 0, NULL, now() - interval '1 minute', NULL, 0",
    "soon": "'pending', false, 0, 0, NULL, now() + interval '1 hour', NULL, 0",
    "overdue": "'pending', true, 0, 0, NULL, NULL, now() - interval '1 minute', 0",
    "running": "'running', false, 1, 7, now() + interval '1 hour', NULL, NULL, 0",
    "stale": "'running', false, 1, 7, now() - interval '1 hour', NULL, NULL, 0",
    "claimed": "'claimed', false, 1, 7, now() + interval '1 hour', NULL, NULL, 0",
    "done": "'completed', false, 1, 7, NULL, NULL, NULL, 0",
    "failed": "'failed', false, 1, 7, NULL, NULL, NULL, 0",
    "blocked": "'pending', false, 0, 0, NULL, NULL, NULL, 1",
}
_RUN = {"running": "running", "stale": "running", "claimed": "launching"}


def fill(connection: psycopg.Connection[Any]) -> None:
    """Both projects, everything alike but what it says."""
    for project in (A, B):
        for statement in _rows(project):
            connection.execute(cast(LiteralString, statement))
    for sequence in connection.execute(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall():
        connection.execute("SELECT setval(%s, 5000000)", sequence)


# reason: a row or two of every table, in the order of their keys; splitting it hides what is missing
def _rows(p: str) -> Sequence[str]:
    far, far_ahead = "'2020-01-01'", "now() + interval '1 hour'"
    first = p == A
    text = f"'of {p}'"
    data = f"""'{{"of": "{p}", "input_tokens": {7 if first else 700}, "cost_usd": {1 if first else 100}}}'"""
    event = 100 if first else 200
    own = f"only_{p}"
    tasks = _STATES | {
        own: _STATES["running"],
        f"ready_{p}": _STATES["ready"],
        f"stale_{p}": _STATES["stale"],
        "mixed_1": _STATES["done" if first else "blocked"],
        "mixed_2": _STATES["blocked" if first else "done"],
        "done_2": _STATES["done"],
        "stale_mixed": _STATES["stale" if first else "claimed"].replace("+", "-"),
        "doomed": _STATES["blocked"],
        **({} if first else {"stale_too": _STATES["stale"], "overdue_too": _STATES["overdue"]}),
    }
    leased = {name for name, state in tasks.items() if ", 7, " in state}
    return [
        f"INSERT INTO projects VALUES ('{p}', {text}, {far})",
        "INSERT INTO api_keys (key_id, project_id, name, prefix, key_hash, scopes, rate_per_minute,"
        f" burst, created_at) VALUES ('key_{p}', '{p}', {text}, 'p', 'hash-{p}', '{{admin}}', 60, 10,"
        f" {far})",
        f"INSERT INTO rate_buckets VALUES ('key_{p}', 5, {far})",
        *(
            "INSERT INTO sessions (project_id, session_id, title, context, last_seq, fingerprint,"
            f" created_at, last_activity_at) VALUES ('{p}', '{s}', {text}, {text},"
            f" {9 if first else 90}, 'f-{p}', {far}, {far})"
            for s in ("s", "other", own)
        ),
        *(
            "INSERT INTO conversation_chunks (project_id, session_id, chunk_id, seq, content, size,"
            f" format, created_at) VALUES ('{p}', 's', '{chunk}', {seq}, {text}, 4, 'text', {far})"
            for seq, chunk in enumerate(("c", own), 1)
        ),
        *(
            "INSERT INTO memories (project_id, session_id, key, version, type, content, tags,"
            f" created_at) VALUES ('{p}', 's', '{key}', {version}, 'fact', {data}, '{{t}}', {far})"
            for key, version in (("k", 1 if first else 4), (own, 1))
        ),
        *(
            "INSERT INTO agents (project_id, agent_name, aliases, manifest, max_concurrent, created_at,"
            f" status, status_since) VALUES ('{p}', '{agent}', '{_aliases(p, agent)}', '{_manifest(p, agent)}',"
            f" {1 if agent.startswith('idle') else 8 if first else 60}, {far}, '{status}', {far})"
            for agent, status in (
                ("agent", "available" if first else "error"),
                ("idle_1", "available"),
                ("idle_2", "available"),
                ("remote_1", "offline" if first else "available"),
                ("remote_2", "available" if first else "offline"),
                ("remote_3", "available"),
                (own, "available"),
            )
        ),
        *(
            "INSERT INTO workers (project_id, worker_id, agents, details, status, last_seen_at,"
            f" created_at) VALUES ('{p}', '{worker}', '{{{agents}}}', {data}, '{status}',"
            f" now() - interval '{age} minutes', {far})"
            for worker, agents, status, age in (
                ("w", "agent", "available" if first else "offline", 0),
                ("w_2", "agent", "offline" if first else "available", 9),
                (own, "remote_2" if first else "remote_1", "available", 0),
            )
        ),
        f"INSERT INTO queue_lanes VALUES ('{p}', 'agent', 0, {3 if first else 40})",
        *(
            "INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, attempts,"
            " lease_epoch, lease_until, run_after, deadline, blockers, fair_tag, ready_seq,"
            f" max_attempts, timeout_s, has_dependants) VALUES ('{p}', '{name}', 's', 'agent', {state},"
            f" {(1 if first else 50) - (name == f'ready_{p}')}, {number}, 3, {60 if first else 61},"
            f" {name in {'done', 'mixed_1', 'mixed_2'}})"
            for number, (name, state) in enumerate(tasks.items())
        ),
        *(
            "INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, fair_tag,"
            " lease_epoch, lease_until, max_attempts, timeout_s)"
            f" VALUES ('{p}', '{name}', 'other', '{agent}', '{status}', {status == 'pending'}, 2, 7,"
            f" {far_ahead if status in {'claimed', 'running'} else 'NULL'}, 3, 60)"
            for name, agent, status in (
                ("for_idle", "idle_1" if first else "idle_2", "pending"),
                ("launch", "remote_2", "claimed"),
                ("of_other", "agent", "completed" if first else "pending"),
                *(
                    ()
                    if first
                    else (("busy", "idle_1", "running"), ("launch_too", "remote_1", "claimed"))
                ),
            )
        ),
        *(
            "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name,"
            f" status, claimed_at) VALUES ('{p}', '{name}', 7, 'att_{p}_{name}', 'agent', '{status}', {far})"
            for name, status in (
                ("launch", "launched" if first else "launching"),
                *(() if first else (("launch_too", "launching"),)),
            )
        ),
        *(
            "INSERT INTO task_payloads (project_id, task_id, session_id, description, input,"
            " correlation_id, callback_url, created_at)"
            f" VALUES ('{p}', '{name}', 's', {text}, {data}, 'req_{p}', 'https://{p}.example', {far})"
            for name in tasks
        ),
        *(
            "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name,"
            " status, worker_id, runtime_ref, usage, claimed_at, started_at, finished_at)"
            f" VALUES ('{p}', '{name}', 7, 'att_{p}_{name}', 'agent', '{_RUN.get(name, 'completed')}',"
            f" '{'w_2' if first and name == 'running' else 'w'}', 'ref_{p}', {data}, {far}, {far}, {ended})"
            for name in leased
            for ended in [
                "NULL"
                if "running" in tasks[name] or "claimed" in tasks[name]
                else f"'2020-01-01 00:0{1 if first else 5}'"
            ]
        ),
        "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name, status,"
        " error, claimed_at, finished_at)"
        f" VALUES ('{p}', 'due', 3, 'att_{p}_due', 'agent', 'lost', '{{\"message\": \"of {p}\"}}', {far}, {far})",
        *(
            "INSERT INTO task_results (project_id, task_id, lease_epoch, output, say, finished_at)"
            f" VALUES ('{p}', '{name}', 7, {data}, {text}, {far})"
            for name in ("done", "failed")
        ),
        "INSERT INTO task_dependencies (project_id, task_id, depends_on)"
        f" VALUES ('{p}', 'blocked', 'done'), ('{p}', 'failed', 'done'), ('{p}', 'blocked', 'mixed_1'),"
        f" ('{p}', 'blocked', 'mixed_2'), ('{p}', 'doomed', 'failed'), ('{p}', 'mixed_2', 'done_2'),"
        f" ('{p}', 'of_other', 'running')" + ("" if first else ", ('b', 'failed', 'ready')"),
        "INSERT INTO task_messages (project_id, task_id, message_no, message, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ('{p}', 'running', {event}, {data}, {far})",
        *(
            "INSERT INTO task_checkpoints (project_id, task_id, lease_epoch, data, size, created_at)"
            f" VALUES ('{p}', '{name}', 7, {data}, 1, {far})"
            for name in ("running", "stale", own, f"stale_{p}", "overdue", "ready")
        ),
        *(
            "INSERT INTO artifacts (project_id, artifact_id, session_id, task_id, name, type, content,"
            f" size, created_at) VALUES ('{p}', '{artifact}', 's', 'done', {text}, 'report', {text}, 4,"
            f" {far})"
            for artifact in ("art", own)
        ),
        *(
            "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, task_id, data,"
            f" created_at) OVERRIDING SYSTEM VALUE VALUES ({event + n}, 'evt_{p}_{n}', '{p}', 's', {n},"
            f" '{kind}', 'done', {data}, {far})"
            for n, kind in enumerate(("session.created", "task.completed", "task.progress"), 1)
        ),
        "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event + 9}, 'evt_{p}_9', '{p}', '{own}', 70, 'x', {far})",
        *(
            "INSERT INTO callback_hosts (project_id, host, responsive, failures, breaker_open_until,"
            f" changed_at) VALUES ('{p}', '{host}', {host != f'{p}.example'},"
            f" {3 if host == f'{p}.example' else 0}, {'NULL' if host != 'slow.example' else far}, {far})"
            for host in ("a.example", "b.example", "slow.example")
        ),
        *(
            "INSERT INTO inbound_deliveries (delivery_id, project_id, source, hook_id, guid,"
            " event_type, headers, body, body_sha256, received_at) VALUES"
            f" ('in_{p}_{guid}', '{p}', 'github', 'h', '{guid}', 'push', '{{}}', 'of {p}', '{sha}', now())"
            for guid, sha in (
                ("g", "sha"),
                (own, f"sha-{p}"),
                *(() if first else (("old_2", "old"),)),
            )
        ),
        "INSERT INTO inbound_deliveries (delivery_id, project_id, source, hook_id, guid, event_type,"
        " headers, body, body_sha256, received_at)"
        f" VALUES ('in_{p}_old', '{p}', 'github', 'h', 'old', 'push', '{{}}', 'x', 'old', {far})",
        *(
            "INSERT INTO endpoints (endpoint_id, project_id, url, description, created_at)"
            f" VALUES ('ep_{p}', '{p}', 'https://{p}.example/e', {text}, {far})"
            for _ in (1,)
        ),
        *(
            "INSERT INTO deliveries (delivery_id, project_id, event_no, event_type, task_id,"
            " endpoint_id, url, status, attempts, next_attempt_at, created_at, leased_until)"
            f" VALUES ('dlv_{p}_{n}', '{p}', {event + 2}, 'task.completed', 'done', {endpoint},"
            f" 'https://{host}.example/{n}', '{status}', 1, {far}, {far}, {far})"
            for n, (status, endpoint, host) in enumerate(
                (
                    ("pending", "NULL", p),
                    ("held", f"'ep_{p}'", p),
                    ("dead", "NULL", p),
                    ("pending", "NULL", "slow"),
                )
            )
        ),
        "INSERT INTO outbox (outbox_id, project_id, kind, destination, event_no, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event}, '{p}', 'publish', NULL, {event + 2}, {far})",
        *(
            "INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome,"
            f" created_at) VALUES ('{p}', '{key}', 'f', 'req_{p}', {data}, {at})"
            for key, at in (("used", far), ("fresh", "now()"))
        ),
        "INSERT INTO audit_log (audit_no, project_id, actor, action, subject, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event}, '{p}', 'cli', 'key.created', {text}, {far})",
    ]


def _aliases(project: str, agent: str) -> str:
    nick = ",nick" if agent == {A: "agent", B: "idle_2"}[project] else ""
    return f"{{{agent}_alias{nick}}}"


def _manifest(project: str, agent: str) -> str:
    told = f"{agent} of {project}"
    return json.dumps(
        {
            "name": agent,
            "title": told,
            "kind": "worker" if agent.startswith("remote") else "local",
            "output_schema": {"title": told},
        }
    )


_NONE = (
    *(
        "after_time",
        "after_id",
        "idempotency_key",
        "usage",
        "not_before",
        "deadline",
        "callback_url",
    ),
    *("repository", "max_cost_usd", "start_time", "end_time", "content_sha256", "messages_seen"),
    *("first_no", "expires_at", "amend", "status", "search", "context", "title", "notes", "say"),
    *("exit_code", "source", "details", "dependency_say", "content_type", "replaces"),
)
PARAMS: Mapping[str, Any] = {
    **dict.fromkeys(_NONE),
    "start_offset_s": None,
    "time_zone": None,
    "project_id": A,
    "session_id": "s",
    "session_ids": ["s"],
    "task_id": "running",
    "task_ids": ["running", "done"],
    "project_ids": [A, A],
    "agent_name": "agent",
    "agent_names": ["agent"],
    "agents": ["agent"],
    "lease_epoch": 7,
    "lease_epochs": [7, 7],
    "worker_id": "w",
    "attempt_id": "att_a_claimed",
    "artifact_id": "art",
    "chunk_id": "c",
    "key": "k",
    "key_id": "key_a",
    "endpoint_id": "ep_a",
    "delivery_id": "dlv_a_2",
    "event_no": 102,
    "message": Jsonb({"text": "go on"}),
    "outbox_ids": [100],
    "depends_on": [],
    "limit": 50,
    "after": 0,
    "after_seq": 0,
    "after_no": 0,
    "after_xid": "0",
    "older_than_s": 30,
    "within_s": 7200,
    "lease_s": 60,
    "silent_s": 60,
    "timeout_s": 60,
    "published": [
        *("task.created", "task.claimed", "task.started", "task.progress", "task.requeued"),
        *("task.completed", "task.failed", "task.cancelled", "artifact.created", "agent.offline"),
        *("session.deleted", "memory.stored"),
    ],
    "told": ["task.completed"],
    "types": ["fact"],
    "tags": [],
    "words": [],
    "randoms": [0.5] * 50,
    "ladder": [60.0],
    "from_statuses": ["claimed", "running"],
    "attempt_status": "failed",
    "cancelled": False,
    "charged": True,
    "retryable": True,
    "all_agents": False,
    "changed": True,
    "correlation_id": "req_new",
    "request_id": "req_new",
    "fingerprint": b"new",
    "session_fingerprint": b"new",
    "outcome": Jsonb({}),
    "events": Jsonb([{"type": "log", "kind": "log"}]),
    "memories": Jsonb([{"key": "k", "type": "fact", "content": "new", "tags": [], "source": None}]),
    "forget": [],
    "metadata": Jsonb({}),
    "extracted_items": Jsonb([]),
    "participants": [],
    "format": "text",
    "content": "new",
    "size": 3,
    "name": "new",
    "type": "fact",
    "output": Jsonb({}),
    "error": Jsonb({"error_class": "network", "say": "{agent} failed."}),
    "error_lost": Jsonb({"error_class": "lost", "say": "{agent} was lost."}),
    "error_unstarted": Jsonb({"error_class": "launch", "say": "{agent} did not start."}),
    "cancelled_error": Jsonb({}),
    "data": Jsonb({}),
    "manifest": Jsonb({"name": "agent"}),
    "manifests": Jsonb([]),
    "max_concurrent": 5,
    "max_attempts": 3,
    "priority": 0,
    "task_type": "t",
    "description": "d",
    "input": Jsonb({}),
    "pushed": [100],
    "own_events": [],
    "actor": "test",
    "reason": "because",
    "allowed": ["active"],
    "event_type": "push",
    "event_types": [],
    "hook_id": "h",
    "guid": "g",
    "headers": Jsonb({}),
    "body": b"new",
    "body_sha256": b"new",
    "replay_window_s": 300,
    "url": "https://a.example/new",
    "payload": "thin",
    "prefix": "p",
    "key_hash": b"hash-a",
    "scopes": ["admin"],
    "cidrs": [],
    "address": "127.0.0.1",
    "rate_per_minute": 60,
    "burst": 10,
    "per_second": 1.0,
    "wanted": 1,
    "bucket": "fargate",
    "overlap_s": 60,
    "runtime_ref": "ref",
    "entry": Jsonb({}),
    "delay_s": 1,
    "pause_s": 1.0,
    "wait_s": 1,
    "silent_wait_s": 1,
    "share": 10,
    "healthy": True,
    "responsive": True,
    "disable": False,
    "lane": "first",
    "leased_until": None,
    "silent": False,
}
OTHERWISE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "accept_delivery": [
        {"source": "github", "guid": "g", "body_sha256": b"sha"},
        {"source": "github", "guid": "g2", "body_sha256": b"sha"},
        {"source": "github", "guid": None, "body_sha256": b"sha"},
        {"source": "github", "guid": None, "body_sha256": b"old"},
    ],
    "add_artifact": [{"artifact_id": "new", "task_id": "done"}, {"artifact_id": "art"}],
    "append_conversation": [{"chunk_id": "new"}, {"chunk_id": "c"}],
    "attempt_outcome": [{"task_id": "done"}],
    "cancel_task": [{"task_id": "ready"}, {"task_id": "running"}],
    "change_session_status": [{"status": "paused"}],
    "claim_deliveries": [{}],
    "create_key": [{"key_id": "key_new", "key_hash": b"hash-new"}],
    "create_session": [{"session_id": "new"}, {"session_id": "s"}],
    "dependency_states": [{"depends_on": ["done", "running"]}],
    "delete_session": [{"session_id": "s"}, {"session_id": "other"}],
    "enqueue_task": [
        {"task_id": "new", "depends_on": ["blocked", "done"]},
        {"task_id": "new"},
        {"task_id": "new", "idempotency_key": "new"},
        {"task_id": "ready"},
    ],
    "explain_task": [{"task_id": n} for n in ("ready", "blocked", "running", "failed", "due")],
    "find_outcome": [{"key": "fresh"}],
    "find_task": [{"task_id": n} for n in ("done", "running", "blocked")],
    "insert_endpoint": [{"endpoint_id": "ep_new"}],
    "list_artifacts": [{"type": "report", "task_id": "done"}, {"type": None, "task_id": None}],
    "list_deliveries": [{"status": None, "task_id": None, "endpoint_id": None, "event_no": None}],
    "mark_workers_offline": [{"silent_s": 0}],
    "expire_key": [{"key": "used"}],
    "project_events": [{"types": None}],
    "claim_tasks": [{}, {"limit": 1}, {"worker_id": None}],
    "session_events": [{"types": None}],
    "query_memories": [{"type": None}, {"type": "fact", "tags": ["t"]}],
    "reserve_key": [{"key": "used", "idempotency_key": "used"}, {"idempotency_key": "new"}],
    "keep_outcome": [{"idempotency_key": "used"}],
    "ready_due_tasks": [{}, {"project_id": None}],
    "agents_due_soon": [{}, {"project_id": None}],
    "mark_agents": [{}, {"project_id": None}],
    "resolve_dependants": [
        {"project_ids": [A, A], "task_ids": ["done", "mixed_1"]},
        {"project_ids": [A], "task_ids": ["failed"]},
        {"project_ids": [A, B, A], "task_ids": ["failed", "done", "mixed_1"]},
        {"project_ids": [A, B], "task_ids": ["failed", "failed"]},
        {"project_ids": [A, B], "task_ids": ["done_2", "done_2"]},
        {"project_ids": [A, A, B], "task_ids": ["done", "mixed_1", "done"]},
    ],
    "retry_task": [{"task_id": "failed"}],
    "rotate_key": [{"key_id": "key_new", "replaces": "key_a", "key_hash": b"hash-new"}],
    "settle_delivery": [
        {"delivery_id": "dlv_a_0", "status": "delivered", "leased_until": "2020-01-01"},
    ],
    "record_run_events": [{}, {"usage": Jsonb({"input_tokens": 1}), "first_no": 1}],
    "list_tasks": [
        {"session_id": None, "status": None, "agent_name": agent} for agent in (None, "nick")
    ],
    "start_run": [{"task_id": "claimed"}],
    "store_memory": [{"content": Jsonb("new")}],
    "settle": [{}, {"idempotency_key": "used", "amend": Jsonb({"x": 1})}],
}
"""Other values than those of PARAMS, one set for each way through a statement."""
FOREIGN = ("endpoint_id", "key_id", "delivery_id", "attempt_id", "event_no", "key_hash", "replaces")
"""Ids that no two rows share, whatever their project: one of the other project's is tried as well."""


_OWN = (
    "session_id",
    "task_id",
    "key",
    "chunk_id",
    "artifact_id",
    "agent_name",
    "worker_id",
    "guid",
)
"""Ids of which each project has one that the other has not."""


def ways_through(name: str, text: str) -> list[Mapping[str, Any]]:
    """Parameters for a statement: for each project, with its own ids and with a foreign one."""
    ways = [{**PARAMS, **way} for way in OTHERWISE.get(name, [{}])]
    foreign = [way | {n: _mirrored(way[n])} for way in ways for n in FOREIGN if f"%({n})s" in text]
    foreign += [way | {n: f"only_{B}"} for way in ways[:1] for n in _OWN if f"%({n})s" in text]
    mirrored = [{n: _mirrored(value) for n, value in way.items()} for way in ways + foreign]
    return [*ways, *foreign, *mirrored]


def _mirrored(value: Any) -> Any:
    """What stands for the same thing in the other project."""
    if isinstance(value, list):
        return [_mirrored(item) for item in cast("list[Any]", value)]
    if isinstance(value, bytes):
        return value.replace(b"-a", b"-b")
    if isinstance(value, int) and 100 <= value < 200:
        return value + 100
    if not isinstance(value, str):
        return value
    return B if value == A else re.sub(r"(?<=_)a(?=_|$)|(?<=//)a(?=\.)", B, value)


_GENERATED = re.compile(r"\b(evt|dlv|att|in|ep|task|key|art)_[0-9a-f]{8}-[0-9a-f-]{27}\b")
_MOMENT = re.compile(r"20(2[3-9]|[3-9]\d)-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?")
_TABLES = (
    *(
        "projects",
        "api_keys",
        "rate_buckets",
        "sessions",
        "conversation_chunks",
        "memories",
        "agents",
    ),
    *("workers", "queue_lanes", "tasks", "task_payloads", "task_attempts", "task_results"),
    *("task_dependencies", "task_messages", "task_checkpoints", "artifacts", "events"),
    *(
        "inbound_deliveries",
        "endpoints",
        "deliveries",
        "outbox",
        "idempotency_keys",
        "audit_log",
        "callback_hosts",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a statement answered and what it left, without what a clock or a sequence gives."""

    answer: str
    left: frozenset[str]


def run(connection: psycopg.Connection[Any], text: str, params: Mapping[str, Any]) -> Seen | str:
    """Run a statement and undo it. A database error is told by its name."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
                cursor.execute(cast(LiteralString, text), params)
                rows = cursor.fetchall() if cursor.description else [{"rows": cursor.rowcount}]
        except psycopg.Error as exc:
            return type(exc).__name__
        return Seen(answer=_stable(sorted(map(_json, rows))), left=state(connection))


def state(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """All rows of all tables."""
    query = " UNION ALL ".join(
        f"SELECT '{table}' || (to_jsonb(r) - 'xid')::text FROM {table} r" for table in _TABLES
    )
    rows = connection.execute(cast(LiteralString, query)).fetchall()
    return frozenset(_stable([row[0]]) for row in rows)


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps({k: v for k, v in row.items() if k != "xid"}, default=str, sort_keys=True)


def _stable(texts: Sequence[str]) -> str:
    text = "\n".join(texts)
    text = _GENERATED.sub(r"\1_*", text)
    text = _MOMENT.sub("@", text)
    return re.sub(r"\b5\d{6}\b|[\d.]+(?=, \"(left|age))", "#", text)
