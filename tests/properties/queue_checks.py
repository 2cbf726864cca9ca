"""What must hold at the end of every history: the invariants of docs/architecture.md in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.support.queue import QueueDriver

if TYPE_CHECKING:
    from tests.properties.queue_machine import Effects, ModelTask

TERMINAL_EVENTS = frozenset({"task.completed", "task.failed", "task.cancelled"})


def check_everything(queue: QueueDriver, tasks: Mapping[str, ModelTask], effects: Effects) -> None:
    """AssertionError naming the first thing that is wrong."""
    _events_are_gap_free(queue)
    _every_end_is_told_once(queue, tasks)
    _attempts_fit_leases(queue, tasks)
    _phases_fit_states(queue)
    _only_live_runs_left_traces(queue, tasks, effects)


def _events_are_gap_free(queue: QueueDriver) -> None:
    rows = queue.sql(
        "SELECT s.session_id, s.last_seq,"
        " coalesce(array_agg(e.seq ORDER BY e.event_no), '{}') AS seqs,"
        " (array_agg(e.type ORDER BY e.event_no))[1] AS first"
        " FROM sessions s LEFT JOIN events e USING (project_id, session_id)"
        " WHERE project_id = %(project_id)s GROUP BY 1, 2"
    )
    for row in rows:
        seqs = [s for s in row["seqs"] if s]
        start = seqs[0] if row["first"] == "session.deleted" else 1
        assert seqs == list(range(start, row["last_seq"] + 1)), row


def _every_end_is_told_once(queue: QueueDriver, tasks: Mapping[str, ModelTask]) -> None:
    rows = queue.sql(
        "SELECT e.task_id, e.type, e.event_no,"
        " (SELECT count(*) FROM outbox o WHERE o.event_no = e.event_no) AS posted,"
        " (SELECT count(*) FROM deliveries d WHERE d.event_no = e.event_no"
        "   AND d.endpoint_id IS NOT NULL) AS to_endpoints,"
        " (SELECT count(*) FROM deliveries d WHERE d.event_no = e.event_no"
        "   AND d.endpoint_id IS NULL) AS to_callback"
        " FROM events e WHERE e.project_id = %(project_id)s AND e.task_id IS NOT NULL"
        " ORDER BY e.event_no"
    )
    for name, task in tasks.items():
        ends = [r for r in rows if r["task_id"] == name and r["type"] in TERMINAL_EVENTS]
        assert len(ends) == task.endings, (name, ends)
        if task.status in {"completed", "failed", "cancelled"}:
            assert ends[-1]["type"] == f"task.{task.status}", name
        for row in ends:
            assert (row["posted"], row["to_endpoints"]) == (1, 1), row
            assert row["to_callback"] == (1 if task.has_callback else 0), row


def _phases_fit_states(queue: QueueDriver) -> None:
    """What the indexes are made of; a lease that stands in none of them never runs out."""
    wrong = queue.sql(
        "SELECT task_id, status, phase FROM tasks WHERE project_id = %(project_id)s AND phase <>"
        " CASE WHEN status IN ('claimed', 'running') THEN 1"
        " WHEN status IN ('completed', 'failed', 'cancelled') THEN 2 ELSE 0 END"
    )
    assert wrong == []


def _attempts_fit_leases(queue: QueueDriver, tasks: Mapping[str, ModelTask]) -> None:
    rows = queue.sql(
        "SELECT t.task_id, t.status, t.lease_epoch, t.ready, t.blockers, t.run_after, r.error,"
        " (r.task_id IS NOT NULL) AS has_result,"
        " count(a.lease_epoch) AS attempts,"
        " count(a.lease_epoch) FILTER (WHERE a.finished_at IS NULL) AS open,"
        " max(a.lease_epoch) FILTER (WHERE a.finished_at IS NULL) AS open_epoch"
        " FROM tasks t LEFT JOIN task_attempts a USING (project_id, task_id)"
        " LEFT JOIN task_results r USING (project_id, task_id)"
        " WHERE project_id = %(project_id)s"
        " GROUP BY t.project_id, t.task_id, r.project_id, r.task_id"
    )
    for row in rows:
        leased = row["status"] in {"claimed", "running"}
        assert row["attempts"] == tasks[row["task_id"]].claims, row
        assert row["open"] == (1 if leased else 0), row
        assert not leased or row["open_epoch"] == row["lease_epoch"], row
        assert row["has_result"] == (row["status"] in {"completed", "failed", "cancelled"}), row
        assert (row["error"] is not None) == (row["status"] in {"failed", "cancelled"}), row


def _only_live_runs_left_traces(
    queue: QueueDriver, tasks: Mapping[str, ModelTask], effects: Effects
) -> None:
    progress = queue.sql(
        "SELECT session_id, data->>'line' AS line FROM events"
        " WHERE project_id = %(project_id)s AND type = 'task.progress' ORDER BY event_no"
    )
    assert [(row["session_id"], row["line"]) for row in progress] == effects.progress
    artifacts = queue.sql(
        "SELECT artifact_id, session_id, content FROM artifacts WHERE project_id = %(project_id)s"
    )
    assert {
        r["artifact_id"]: (r["session_id"], r["content"]) for r in artifacts
    } == effects.artifacts
    memories = queue.sql(
        "SELECT session_id, key, array_agg(content ORDER BY version) AS contents,"
        " array_agg(version ORDER BY version) AS versions,"
        " count(*) FILTER (WHERE current) AS current,"
        " bool_or(current AND version = newest) AS newest"
        " FROM (SELECT m.*, max(version) OVER (PARTITION BY session_id, key) AS newest"
        "       FROM memories m WHERE project_id = %(project_id)s) m GROUP BY 1, 2"
    )
    assert {(r["session_id"], r["key"]): r["contents"] for r in memories} == effects.memories
    for row in memories:
        assert row["current"] == 1, row
        assert row["newest"], row
        assert row["versions"] == list(range(1, len(row["versions"]) + 1)), row
    used = queue.sql(
        "SELECT task_id, lease_epoch, (usage ->> 'input_tokens')::integer AS tokens"
        " FROM task_attempts WHERE project_id = %(project_id)s AND usage IS NOT NULL"
    )
    assert {(r["task_id"], r["lease_epoch"]): r["tokens"] for r in used} == {
        (name, epoch): tokens for name, task in tasks.items() for epoch, tokens in task.used.items()
    }
    _only_accepted_results_are_kept(queue, tasks)


def _only_accepted_results_are_kept(queue: QueueDriver, tasks: Mapping[str, ModelTask]) -> None:
    results = queue.sql(
        "SELECT task_id, output->>'token' AS token FROM task_results"
        " WHERE project_id = %(project_id)s AND output - 'unread_messages' <> '{}'"
    )
    assert {r["task_id"]: r["token"] for r in results} == {
        name: task.result for name, task in tasks.items() if task.result is not None
    }
