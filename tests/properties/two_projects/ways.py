"""The ways through each statement: with which parameters it is run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from psycopg.types.json import Jsonb

from aiwebhook.clock import utc_now
from tests.properties.two_projects.doors import numbered_id
from tests.properties.two_projects.params import PARAMS
from tests.properties.two_projects.project import A, B
from tests.properties.two_projects.work import manifest

_BETWEEN = datetime(2020, 1, 1, 12, tzinfo=UTC)
"""The newest event of the one project, and that of the other."""
_ONLY_B = {"agent_name": f"only_{B}", "manifest": Jsonb(manifest(B, f"only_{B}"))}
"""An agent that the other project has not."""
OTHERWISE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "accept_delivery": [
        {"source": "github", "guid": "g", "body_sha256": b"sha"},
        {"source": "github", "guid": "g2", "body_sha256": b"sha"},
        {"source": "github", "guid": None, "body_sha256": b"sha"},
        {"source": "github", "guid": None, "body_sha256": b"old"},
        {"source": "github", "guid": "g3", "body_sha256": b"3", "event_type": f"only_{B}"},
    ],
    "acknowledge": [
        {},
        {"reader": None},
        {"cursor": None, "ids": ["evt_a_2"]},
        {"session_id": None, "cursor": None, "ids": ["evt_a_2", "evt_a_6"]},
        {"session_id": None, "cursor": None, "ids": [numbered_id(208)]},
    ],
    "add_artifact": [{"artifact_id": "new", "task_id": "done"}, {"artifact_id": "art"}],
    "append_conversation": [{"chunk_id": "new"}, {"chunk_id": "c"}],
    "attempt_outcome": [{"task_id": "done"}],
    "cancel_task": [{"task_id": "ready"}, {"task_id": "running"}],
    "change_session_status": [{"status": "paused"}],
    "artifacts_named": [{"task_id": "done", "name": "art"}],
    "claim_deliveries": [{}, {"event_nos": [102, 202]}],
    "create_key": [{"key_id": "key_new", "key_hash": b"hash-new"}],
    "create_connection": [{"connection_id": "con_new", "code_hash": b"code-new"}],
    "acknowledge_delivery": [{"delivery_id": "in_a_g"}],
    "claim_channel": [{}, {"holder": "other"}, {"channel": "new"}, {"rewind": True}],
    "list_channels": [{}, {"channel": None}],
    "position_since": [{"since": "2000-01-01"}, {"since": "2020-01-01 01:30"}],
    "create_source": [
        {"source_id": "src_new", "rate_per_minute": 60, "burst": 5},
        {"source_id": "src_a", "rate_per_minute": 60, "burst": 5},
    ],
    "set_reconciliation": [{"source_id": "gh_a"}, {"source_id": "github", "built_in": True}],
    "note_missed": [{}, {"apply": False}],
    "list_sources": [{}, {"source_id": None}],
    "keep_rule": [
        {"source": "github", "status": "active"},
        {"source": "github", "status": "active", "rule_id": "new"},
    ],
    "list_rules": [
        {},
        {"rule_id": None},
        {"rule_id": None, "source": "github", "event": "push"},
    ],
    "lock_rule": [{}, {"rule_id": f"only_{B}"}],
    "delete_rule": [{}, {"rule_id": f"only_{B}"}],
    "begin_rule_run": [
        {"delivery_id": name, "subject": "shared", "rule_id": rule}
        for name in ("in_a_g", "in_a_stored")
        for rule in ("rule", f"only_{B}")
    ],
    "finish_rule_run": [{"delivery_id": "in_a_g", "status": "started", "reason": None}],
    "settle_evaluation": [{"delivery_id": "in_a_g"}],
    "keep_tombstone": [{"source": "github", "event_type": "push"}],
    "create_person": [{"person_id": "pers_new"}, {"person_id": "pers_new", "name": "owner"}],
    "create_session": [{"session_id": "new"}, {"session_id": "s"}],
    "dependency_states": [{"depends_on": ["done", "running"]}],
    "delete_session": [{"session_id": "s"}, {"session_id": "other"}],
    "delegate_task": [
        {"task_id": "new", "depends_on": ["blocked", "done"]},
        {"task_id": "new"},
        {"task_id": "new", "idempotency_key": "new"},
        {"task_id": "ready"},
        {"task_id": "new", "presumed_as": f"only_{B}", **_ONLY_B},
    ],
    "explain_task": [{"task_id": n} for n in ("ready", "blocked", "running", "failed", "due")],
    "give_up_told": [{"connection": "person", "task_ids": ["done"], "types": ["task.completed"]}],
    "find_waiting_events": [{"lane": "retry", "responsive": known} for known in (True, False)],
    "find_outcome": [{"key": "fresh"}],
    "find_task": [{"task_id": n} for n in ("done", "running", "blocked")],
    "insert_endpoint": [{"endpoint_id": "ep_new"}],
    "list_audit": [{"actor": None, "subject": None}],
    "sum_usage": [{"since": "2000-01-01", "by": by} for by in ("session", "day")],
    "search_project": [{}, {"words": ["s"]}],
    "redeliver_failed": [{"endpoint_id": None}],
    "list_artifacts": [{"type": "report", "task_id": "done"}, {"type": None, "task_id": None}],
    "find_inbound": [{"delivery_id": "in_a_g"}],
    "replay_inbound": [{"delivery_id": "in_a_g"}],
    "list_deliveries": [{"status": None, "task_id": None, "endpoint_id": None, "event_no": None}],
    "matching_events": [
        {"types": ["task.completed", "x"], "session_id": None, "task_id": None, "agent_name": None},
    ],
    "mark_workers_offline": [{"silent_s": 0}],
    "touch_worker": [{}, {"connected_at": ""}],
    "free_key": [{"idempotency_key": "used"}],
    "refuse_earlier_tries": [{"idempotency_key": "new"}, {"idempotency_key": "used"}],
    "named_blobs": [
        {"project_ids": [A] * 4},
        {
            "project_ids": [A] * 4,
            "sha256s": [b"checkpoint-b", b"artifact-b", b"chunk-b", b"body-b"],
        },
    ],
    "report_agents": [{}, {"reports": Jsonb([{"agent_name": "agent", "reason": None}])}],
    "project_events": [{"types": None}],
    "claim_tasks": [{}, {"limit": 1}, {"worker_id": None}],
    "run_messages": [{}, {"task_id": "stale", "after": 150}],
    "feed_position": [{}, {"after_xid": "2", "after_no": 2**40}],
    "session_position": [{}, {"after_seq": 5}],
    "session_events": [{"types": None}],
    "query_memories": [{"type": None}, {"type": "fact", "tags": ["t"]}],
    "repositories_named": [{"name": "billing"}],
    "task_events": [{"task_id": "done"}],
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
    "release_stale_tasks": [{}, {"project_id": None}],
    "retry_task": [{"task_id": "failed"}],
    "rotate_key": [{"key_id": "key_new", "replaces": "key_a", "key_hash": b"hash-new"}],
    "settle_delivery": [
        {"delivery_id": "dlv_a_0", "status": "delivered", "leased_until": "2020-01-01"},
    ],
    "prune_attempts": [{}, {"apply": False}],
    "prune_audit": [{}, {"apply": False}],
    "prune_deliveries": [{}, {"apply": False}],
    "prune_events": [{}, {"apply": False}],
    "prune_inbound_bodies": [{}, {"apply": False}],
    "prune_inbound_deliveries": [{}, {"apply": False}],
    "note_walk": [{"kind": "events"}, {"kind": "audit"}],
    "set_retention_rules": [{"kinds": ["events", "audit"], "days": [3, None]}],
    "record_run_events": [{}, {"usage": Jsonb({"input_tokens": 1}), "first_no": 1}],
    "list_tasks": [
        {"session_id": None, "status": None, "agent_name": agent} for agent in (None, "nick")
    ],
    "mark_launched": [
        {"attempt_ids": ["att_a_claimed"]},
        {"attempt_ids": ["att_b_claimed", "att_a_claimed"], "runtime_refs": ["x", "y"]},
        {"attempt_ids": ["att_b_claimed"]},
    ],
    "note_runs_to_stop": [{"attempt_ids": ["att_a_claimed"]}, {"attempt_ids": ["att_a_done"]}],
    "settle_outbox": [
        {},
        {"project_ids": [A, A], "agent_names": ["idle_1", "idle_2"]},
    ],
    "reserve_launches": [
        {},
        *({"agent_name": f"{kind}_{n}"} for kind in ("idle", "remote") for n in (1, 2, 3)),
    ],
    "start_run": [{"task_id": "claimed"}],
    "subscribe": [{"most": 1, "types": ["task.completed"]}],
    "store_memory": [{"content": Jsonb("new")}],
    "set_sign_in_code": [{}, {"person": "owner"}, {"only_first": True}],
    "happened_lately": [{"within_s": (utc_now() - _BETWEEN).total_seconds()}],
    "page_conversation": [{}, {"newest_first": True, "from_seq": 2**40}],
    "settle": [{}, {"resumed": ["paused"]}, {"own_events": [102]}],
    "refill_outbox": [{"types": ["task.completed"]}],
}
"""Other values than those of PARAMS, one set for each way through a statement."""
FOREIGN = (
    "source_id",
    "endpoint_id",
    "subscription_id",
    "url_sha256",
    "key_id",
    "delivery_id",
    "attempt_id",
    "event_no",
    "own_events",
    "key_hash",
    "replaces",
    "ids",
    "connection_id",
    "person",
    "person_id",
    "token_hash",
    "code_hash",
)
"""Ids that no two rows share, whatever their project: the other project's are tried as well."""


_OWN = (
    "session_id",
    "task_id",
    "key",
    "chunk_id",
    "artifact_id",
    "agent_name",
    "worker_id",
    "guid",
    "reader",
    "connection",
    "channel",
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
