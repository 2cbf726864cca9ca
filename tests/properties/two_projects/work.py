"""Rows of who works, and on what."""

# ruff: noqa: S608, ISC004, E501  reason: rows of a fixture, made of constants of these files

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.properties.two_projects.project import AHEAD, FAR, A, B, Project

_RUN = {"running": "running", "stale": "running", "claimed": "launching"}


def agent_rows(project: Project) -> Sequence[str]:
    """Agents and where they run."""
    p, first, data, own = project.name, project.first, project.data, project.own
    return [
        *(
            "INSERT INTO agents (project_id, agent_name, aliases, manifest, max_concurrent, created_at,"
            f" status, status_since) VALUES ('{p}', '{agent}', '{_aliases(p, agent)}', '{json.dumps(manifest(p, agent))}',"
            f" {1 if agent.startswith('idle') else 8 if first else 60}, {FAR}, '{status}', {FAR})"
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
            f" now() - interval '{age} minutes', {FAR})"
            for worker, agents, status, age in (
                ("w", "agent", "available" if first else "offline", 0),
                ("w_2", "agent", "offline" if first else "available", 9),
                (own, "remote_2" if first else "remote_1", "available", 0),
            )
        ),
        f"INSERT INTO queue_lanes VALUES ('{p}', 'agent', 0, {3 if first else 40})",
    ]


# reason: the states of a task, next to each other
def task_rows(project: Project) -> Sequence[str]:
    """Tasks in every state, and what they wait for."""
    p, first, text, data = project.name, project.first, project.text, project.data
    tasks = project.tasks
    return [
        *(
            "INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, attempts,"
            " lease_epoch, lease_until, run_after, deadline, blockers, fair_tag, ready_seq,"
            f" max_attempts, timeout_s, cancel_requested, has_dependants) VALUES ('{p}', '{name}', 's', 'agent', {state},"
            f" {(1 if first else 50) - (name == f'ready_{p}')}, {number}, 3, {60 if first else 61},"
            f" {first and name == 'claimed'},"
            f" {name in {'done', 'mixed_1', 'mixed_2'}})"
            for number, (name, state) in enumerate(tasks.items())
        ),
        *(
            "INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, fair_tag,"
            " lease_epoch, lease_until, max_attempts, timeout_s)"
            f" VALUES ('{p}', '{name}', 'other', '{agent}', '{status}', {status == 'pending'}, 2, 7,"
            f" {AHEAD if status in {'claimed', 'running'} else 'NULL'}, 3, 60)"
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
            "INSERT INTO task_payloads (project_id, task_id, session_id, description, input,"
            " correlation_id, callback_url, created_at)"
            f" VALUES ('{p}', '{name}', 's', {text}, {data}, 'req_{p}', 'https://{p}.example',"
            f" {FAR}::timestamptz + interval '{2 * number + first} minutes')"
            for number, name in enumerate(tasks)
        ),
        "INSERT INTO task_dependencies (project_id, task_id, depends_on)"
        f" VALUES ('{p}', 'blocked', 'done'), ('{p}', 'failed', 'done'), ('{p}', 'blocked', 'mixed_1'),"
        f" ('{p}', 'blocked', 'mixed_2'), ('{p}', 'doomed', 'failed'), ('{p}', 'mixed_2', 'done_2'),"
        f" ('{p}', 'of_other', 'running')" + ("" if first else ", ('b', 'failed', 'ready')"),
    ]


def state_rows(project: Project) -> Sequence[str]:
    """What else the queue knows of them."""
    p = project.name
    return [
        *(
            ()
            if project.first
            else (
                "INSERT INTO tasks (project_id, task_id, session_id, agent_name, ready, fair_tag,"
                " run_after, max_attempts, timeout_s) VALUES ('b', 'due_too', 'other', 'remote_3',"
                " false, 2, now() - interval '1 minute', 3, 60)",
                "INSERT INTO queue_lanes (project_id, agent_name, priority, mark_tag)"
                " VALUES ('b', 'idle_1', 0, 1000)",
            )
        ),
        "UPDATE tasks SET phase = CASE WHEN status IN ('claimed', 'running') THEN 1"
        " WHEN status IN ('completed', 'failed', 'cancelled') THEN 2 ELSE 0 END"
        f" WHERE project_id = '{p}'",
        "INSERT INTO lease_counts (project_id, agent_name, counted_at, counted, floor, living)"
        f" VALUES ('{p}', 'agent', {5 if project.first else 6}, 0, {-1 if project.first else 6}, '{{}}')",
    ]


def attempt_rows(project: Project) -> Sequence[str]:
    """What was tried."""
    p, first, data, tasks = project.name, project.first, project.data, project.tasks
    return [
        f"""UPDATE task_payloads SET repository = '{{"repo": "{p}/billing"}}'"""
        f" WHERE project_id = '{p}' AND task_id = 'done'",
        *(
            "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name,"
            f" status, claimed_at) VALUES ('{p}', '{name}', 7, 'att_{p}_{name}', 'agent', '{status}', {FAR})"
            for name, status in (
                ("launch", "launched" if first else "launching"),
                *(() if first else (("launch_too", "launching"),)),
            )
        ),
        *(
            "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name,"
            " status, worker_id, runtime_ref, usage, claimed_at, started_at, finished_at)"
            f" VALUES ('{p}', '{name}', 7, 'att_{p}_{name}', 'agent', '{_RUN.get(name, 'completed')}',"
            f" '{'w_2' if first and name == 'running' else 'w'}', 'ref_{p}', {data}, {FAR}, {FAR}, {ended})"
            for name in project.leased
            for ended in [
                "NULL"
                if "running" in tasks[name] or "claimed" in tasks[name]
                else f"'2020-01-01 00:0{1 if first else 5}'"
            ]
        ),
        "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name, status,"
        " error, claimed_at, finished_at)"
        f" VALUES ('{p}', 'due', 3, 'att_{p}_due', 'agent', 'lost', '{{\"message\": \"of {p}\"}}', {FAR}, {FAR})",
    ]


def report_rows(project: Project) -> Sequence[str]:
    """What runs have left and were told."""
    p, text, data, own = project.name, project.text, project.data, project.own
    event = project.first_event
    return [
        *(
            "INSERT INTO task_results (project_id, task_id, lease_epoch, output, say, finished_at)"
            f" VALUES ('{p}', '{name}', 7, {data}, {text}, {FAR})"
            for name in (
                *("done", "failed", "overdue"),
                # of what ends again in both projects, and of what only ends in the other
                *(("overdue_again", "overdue_too") if project.first else ()),
            )
        ),
        *(
            "INSERT INTO task_messages (project_id, task_id, message_no, message, created_at)"
            f" OVERRIDING SYSTEM VALUE VALUES ('{p}', '{name}', {event + n}, {data}, {FAR})"
            for n, name in enumerate(
                ("running", "stale", "overdue", *(() if project.first else ("overdue",)))
            )
        ),
        f"UPDATE tasks SET last_message_no = {event + 1} WHERE project_id = '{p}' AND task_id = 'stale'",
        *(
            "INSERT INTO task_checkpoints (project_id, task_id, lease_epoch, data, content_sha256, size,"
            f" created_at) VALUES ('{p}', '{name}', 7, {data}, 'checkpoint-{p}', 1, {FAR})"
            for name in ("running", "stale", own, f"stale_{p}", "overdue", "ready")
        ),
    ]


def _aliases(project: str, agent: str) -> str:
    nick = ",nick" if agent == {A: "agent", B: "idle_2"}[project] else ""
    return f"{{{agent}_alias{nick}}}"


def manifest(project: str, agent: str) -> Mapping[str, Any]:
    """An agent's manifest, different in each project."""
    told = f"{agent} of {project}"
    return {
        "name": agent,
        "title": told,
        "kind": "worker" if agent.startswith("remote") else "local",
        "output_schema": {"title": told},
    }
