"""Rows of what comes in and goes out."""

# ruff: noqa: S608, ISC004, E501  reason: rows of a fixture, made of constants of these files

from __future__ import annotations

from collections.abc import Sequence

from tests.properties.two_projects.project import AHEAD, FAR, LATER, THAT_NIGHT, A, B, Project


def event_rows(project: Project) -> Sequence[str]:
    """The log, with news of two sessions."""
    p, first, data, own, event = (
        project.name,
        project.first,
        project.data,
        project.own,
        project.first_event,
    )
    return [
        *(
            "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, task_id, data,"
            f" created_at) OVERRIDING SYSTEM VALUE VALUES ({event + n}, 'evt_{p}_{n}', '{p}', 's', {n},"
            f" '{kind}', 'done', {data}, {FAR})"
            for n, kind in enumerate(("session.created", "task.completed", "task.progress"), 1)
        ),
        *(
            "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, task_id, data,"
            f" created_at) OVERRIDING SYSTEM VALUE VALUES ({event + n}, 'evt_{p}_{n}', '{p}', '{session}',"
            f" {seq}, 'task.completed', 'done', {data}, {FAR})"
            for n, session, seq in ((5, "s", 5 if first else 4), (6, "other", 2))
        ),
        "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event + 9}, 'evt_{p}_9', '{p}', '{own}', 70, 'x',"
        f" {FAR if first else LATER})",
        # Its id has its number in it, as ids have that are reckoned.
        "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event + 8}, '{numbered_id(event + 8)}', '{p}', '{own}',"
        f" 71, 'task.failed', {FAR})",
    ]


def numbered_id(event_no: int) -> str:
    """The id of an event in which `id_number` finds the number."""
    return f"evt_00000000-0000-7000-8000-{event_no:012x}"


def callback_rows(project: Project) -> Sequence[str]:
    """Whom it is sent to."""
    p, text, event = project.name, project.text, project.first_event
    return [
        *(
            "INSERT INTO callback_hosts (project_id, host, responsive, failures, breaker_open_until,"
            f" changed_at) VALUES ('{p}', '{host}', {host != f'{p}.example'},"
            f" {3 if host == f'{p}.example' else 0}, {'NULL' if host != 'slow.example' else FAR}, {FAR})"
            for host in ("a.example", "b.example", "slow.example")
        ),
        "INSERT INTO endpoints (endpoint_id, project_id, url, description, created_at)"
        f" VALUES ('ep_{p}', '{p}', 'https://{p}.example/e', {text}, {FAR})",
        *(
            "INSERT INTO deliveries (delivery_id, project_id, event_no, event_type, task_id,"
            " endpoint_id, url, status, attempts, next_attempt_at, created_at, leased_until)"
            f" VALUES ('dlv_{p}_{n}', '{p}', {event + 2}, 'task.completed', 'done', {endpoint},"
            f" 'https://{host}.example/{n}', '{status}', 1, {FAR}, {FAR}, {FAR})"
            for n, (status, endpoint, host) in enumerate(
                (
                    ("pending", "NULL", p),
                    ("held", f"'ep_{p}'", p),
                    ("dead", "NULL", p),
                    ("pending", "NULL", "slow"),
                )
            )
        ),
        *following_rows(project),
        "INSERT INTO outbox (outbox_id, project_id, kind, destination, event_no, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event}, '{p}', 'publish', NULL, {event + 2}, {FAR})",
    ]


def following_rows(project: Project) -> Sequence[str]:
    """Who follows events, and what their addresses have shown."""
    p = project.name
    return [
        *(
            statement
            for n, host in enumerate((p,) if project.first else (p, "shared"))
            for statement in subscription_rows(project, f"sub_{p}{n or ''}", host)
        ),
        # Of one session, and of a task that only the other project has: nobody sends to them.
        "INSERT INTO event_subscriptions (subscription_id, project_id, principal, name, arguments,"
        " url, session_id, task_id, key_id, secret_box, secret_mark, expires_at, created_at,"
        f" refreshed_at) VALUES ('sub_{p}_s', '{p}', 'else', 'n', '{{}}', 'u', 's', NULL, 'key_{p}',"
        f" 'box', 'mark', {AHEAD}, {FAR}, {FAR}), ('sub_{p}_t', '{p}', 'else', 'n', '{{}}', 'u', NULL,"
        f" 'only_{'b' if project.first else 'a'}', 'key_{p}', 'box', 'mark', {AHEAD}, {FAR}, {FAR})",
        "INSERT INTO callback_verifications (project_id, principal, url_sha256, verified_at) VALUES"
        f" ('{p}', 'person', 'url-{p}', now()),"
        f" ('{p}', 'person', sha256('https://shared.example/h'), {FAR})",
    ]


def subscription_rows(project: Project, name: str, host: str) -> Sequence[str]:
    """Who follows events, with what waits for it."""
    p, event, url = project.name, project.first_event, f"https://{host}.example/h"
    made = "NULL" if name == f"sub_{p}" else "'made'"
    return [
        "INSERT INTO event_subscriptions (subscription_id, project_id, principal, name, arguments,"
        " url, key_id, secret_box, secret_mark, quiet, expires_at, created_at, refreshed_at) VALUES"
        f" ('{name}', '{p}', 'person', 'task.updated', '{{}}', '{url}', 'key_{p}', 'box', 'mark', true,"
        f" {AHEAD}, {FAR}, {FAR})",
        "INSERT INTO endpoints (endpoint_id, subscription_id, project_id, url, event_types, created_at)"
        f" VALUES ('{name}', '{name}', '{p}', '{url}', '{{task.completed}}', {FAR})",
        "INSERT INTO deliveries (delivery_id, project_id, event_no, event_type, task_id,"
        " endpoint_id, url, status, attempts, next_attempt_at, created_at, body) VALUES"
        f" ('dlv_{name}', '{p}', {event + 6}, 'task.completed', 'done', '{name}', '{url}', 'pending',"
        f" 1, {FAR}, {FAR}, {made})",
    ]


def inbound_rows(project: Project) -> Sequence[str]:
    # reason: rows of one kind
    """What came in, and what was answered."""
    p, first, text, data, own, event = (
        project.name,
        project.first,
        project.text,
        project.data,
        project.own,
        project.first_event,
    )
    return [
        *(
            "INSERT INTO inbound_deliveries (delivery_id, project_id, source, hook_id, guid,"
            " event_type, headers, body, body_sha256, received_at) VALUES"
            f" ('in_{p}_{guid}', '{p}', 'github', 'h', '{guid}', 'push', '{{}}', 'of {p}', '{sha}', now())"
            for guid, sha in (
                ("g", "sha"),
                (own, f"sha-{p}"),
                *(() if first else ((f"sha256-{'0' * 64}-7", "old"),)),
            )
        ),
        "INSERT INTO inbound_deliveries (delivery_id, project_id, source, hook_id, guid, event_type,"
        " headers, body, body_sha256, received_at)"
        f" VALUES ('in_{p}_old', '{p}', 'github', 'h', 'old', 'push', '{{}}', 'x', 'old', {FAR})",
        "INSERT INTO inbound_deliveries (delivery_id, project_id, source, hook_id, guid, event_type,"
        " headers, body_sha256, received_at)"
        f" VALUES ('in_{p}_stored', '{p}', 'github', 'h', 'stored', 'push', '{{}}', 'body-{p}', {FAR})",
        *(
            "INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome,"
            f" created_at) VALUES ('{p}', '{key}', 'f', 'req_{p}', {data}, {at})"
            for key, at in (("used", FAR), ("fresh", "now()"))
        ),
        *(
            "INSERT INTO sources (source_id, project_id, kind, secret_box, max_bytes, rate_per_minute,"
            f" burst, tokens, refilled_at, retention_days, created_at) VALUES ('{name}', '{p}',"
            f" 'hmac', 'box of {p}', 9, 60, 5, 5, {FAR}, {1 if project.first else 2}, {FAR})"
            for name in (f"src_{p}", f"own_{p}")
        ),
        "INSERT INTO sources (source_id, project_id, kind, max_bytes, rate_per_minute, burst, tokens,"
        f" refilled_at, created_at) VALUES ('gh_{p}', '{p}', 'github', 9, 60, 5, 5, {FAR}, {FAR})",
        *reconciliation_rows(project),
        *(
            "INSERT INTO channels (project_id, channel, after_xid, after_no, holder, leased_until,"
            f" lease_epoch, moved_at) VALUES ('{p}', '{name}', '1', {event}, 'of {p}', {AHEAD}, 7, {FAR})"
            for name in ("channel", f"only_{p}")
        ),
        *(
            "INSERT INTO rules (project_id, rule_id, description, source, event, definition, per_hour,"
            f" per_subject, created_at, changed_at) VALUES ('{p}', '{name}', {text}, 'github',"
            f" '{event_type}', '{{}}', 2, 7, {FAR}, {FAR})"
            for name, event_type in (("rule", "push"), (f"only_{p}", f"only_{p}"))
        ),
        "INSERT INTO rule_evaluations (project_id, delivery_id, round, correlation_id, due_at,"
        f" created_at) VALUES ('{p}', 'in_{p}_g', 0, 'of {p}', {FAR}, {FAR})",
        *(
            "INSERT INTO rule_runs (project_id, rule_id, delivery_id, round, subject, status,"
            f" task_id, began_at) VALUES ('{p}', 'rule', 'in_{p}_{guid}', 0, 'shared', '{status}',"
            f" 'task_{p}', {at})"
            for guid, status, at in (("g", "begun", FAR), ("old", "started", "now()"))
        ),
        "INSERT INTO audit_log (audit_no, project_id, actor, action, subject, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event}, '{p}', 'cli', 'key.created', {text}, {FAR})",
    ]


def reconciliation_rows(project: Project) -> Sequence[str]:
    """About which sources GitHub is asked, and what is missed that the other project has."""
    p = project.name
    other = B if project.first else A
    return [
        *(
            "INSERT INTO reconciliations (reconciliation_id, project_id, source_id, hook, hook_id,"
            " api_url, secret_box, lease_epoch, next_at, created_at) VALUES"
            f" ('rec_{p}{end}', '{p}', '{source}', 'of {p}', 'h', 'https://{p}.example', 'box', 7,"
            f" {AHEAD}, {FAR})"
            for end, source in (("", "github"), ("_1", "src_a"), ("_2", "src_b"))
        ),
        "INSERT INTO inbound_deliveries (delivery_id, project_id, source, hook_id, guid, event_type,"
        " headers, body_sha256, received_at, status)"
        f" VALUES ('in_{p}_big', '{p}', 'github', 'h', 'big_{p}', 'push', '{{}}', 'big-{p}', now(),"
        " 'too_large')",
        "INSERT INTO missed_deliveries (reconciliation_id, guid, delivery_no, status_code,"
        f" delivered_at, next_at) VALUES ('rec_{p}', 'big_{other}', 1, 500, {FAR}, {FAR}),"
        f" ('rec_{p}', 'only_{other}', 2, 500, {LATER}, {FAR})",
    ]


def retention_rows(project: Project) -> Sequence[str]:
    """How long it is kept, and what has gone."""
    p, event = project.name, project.first_event
    return [
        f"INSERT INTO retention_rules VALUES ('{p}', 'events', {7 if project.first else 8})",
        f"INSERT INTO retention_walks VALUES ('{p}', 'events', '[\"1\", {event}]', {FAR})",
        f"INSERT INTO feed_floors VALUES ('{p}', '{2 if project.first else 3}', {event})",
        *(
            "INSERT INTO session_floors VALUES"
            f" ('{p}', '{session}', {seq}, {seq if project.first else 7})"
            for session, seq in (("s", 1), ("other", 2 if project.first else 1))
        ),
        "INSERT INTO spoken_conversations (project_id, conversation, reader, turn, digest, reply,"
        f" heard_at) VALUES ('{p}', 'spoken', 'reader of {p}', 1, 'd', {project.data}, {FAR}),"
        f" ('{p}', 'only_{p}', 'reader of {p}', 1, 'd', {project.data}, {FAR})",
        # Ended in one project, in the other not.
        "INSERT INTO tasks (project_id, task_id, session_id, agent_name, status, ready, fair_tag,"
        f" max_attempts, timeout_s) VALUES ('{p}', 'aged', 'other', 'agent',"
        f" '{'completed' if project.first else 'input_required'}', false, 0, 3, 60)",
        "INSERT INTO task_payloads (project_id, task_id, session_id, correlation_id, created_at)"
        f" VALUES ('{p}', 'aged', 'other', 'req_{p}', {FAR})",
        "INSERT INTO task_attempts (project_id, task_id, lease_epoch, attempt_id, agent_name, status,"
        f" claimed_at, finished_at) VALUES ('{p}', 'aged', 2, 'att_{p}_aged', 'agent', 'lost', {FAR}, {FAR})",
        "INSERT INTO events (event_no, event_id, project_id, session_id, seq, type, task_id, created_at)"
        f" OVERRIDING SYSTEM VALUE VALUES ({event + 7}, 'evt_{p}_7', '{p}', 'other', 1, 'x', 'aged',"
        f" {FAR if project.first else LATER})",
        "INSERT INTO events (event_no, event_id, project_id, type, data, created_at) OVERRIDING SYSTEM"
        f" VALUE VALUES ({event + 20}, 'evt_{p}_in', '{p}', 'delivery.received',"
        f' \'{{"delivery_id": "in_{p}_g"}}\', {THAT_NIGHT if project.first else LATER})',
    ]
