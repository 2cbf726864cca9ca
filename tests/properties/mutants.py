"""Guards taken out of the statements one at a time: a machine that misses one proves nothing."""

# reason: one table of what is taken out

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiwebhook.postgres.statements import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`statement` with `guard` replaced; every occurrence. `machine` must find it."""

    name: str
    statement: str
    guard: str
    instead: str
    machine: Literal["queue", "fairness", "locks"] = "queue"

    def text(self) -> str:
        """The broken statement. ValueError when the guard is not in it any more."""
        whole = statement(self.statement)
        if self.guard not in whole:
            raise ValueError(f"{self.statement}.sql has no {self.guard!r} any more")
        return whole.replace(self.guard, self.instead)


MUTANTS = (
    Mutant(
        name="a stale heartbeat extends the new lease",
        statement="heartbeat",
        guard="    AND t.lease_epoch = b.lease_epoch\n",
        instead="",
    ),
    Mutant(
        name="a stale run completes the task",
        statement="complete_runs",
        guard="        AND t.lease_epoch = r.lease_epoch\n",
        instead="",
    ),
    Mutant(
        name="a run completes a task twice",
        statement="complete_runs",
        guard="        AND t.status = 'running'\n",
        instead="",
    ),
    Mutant(
        name="a stale run ends the attempt of another",
        statement="end_attempt",
        guard="        AND t.lease_epoch = %(lease_epoch)s\n",
        instead="",
    ),
    Mutant(
        name="a run that has ended fails again",
        statement="end_attempt",
        guard="        AND t.status = ANY(%(from_statuses)s::text[])\n",
        instead="        AND %(from_statuses)s::text[] IS NOT NULL\n",
    ),
    Mutant(
        name="a stale run writes into the log",
        statement="record_run_events",
        guard="        AND t.lease_epoch = %(lease_epoch)s\n",
        instead="",
    ),
    Mutant(
        name="what a run tells again is logged again",
        statement="record_run_events",
        guard=" OR %(first_no)s::bigint + e.place - 1 > h.events_told\n",
        instead=" OR true\n",
    ),
    Mutant(
        name="a stale run replaces an artifact",
        statement="add_run_artifact",
        guard="        AND t.lease_epoch = %(lease_epoch)s\n",
        instead="",
    ),
    Mutant(
        name="a stale run replaces a checkpoint",
        statement="save_checkpoint",
        guard="        AND t.lease_epoch = %(lease_epoch)s\n",
        instead="",
    ),
    Mutant(
        name="a checkpoint outlives its task",
        statement="end_attempt",
        guard="        AND e.status IN ('completed', 'failed', 'cancelled')\n),\ntask_news",
        instead="        AND false\n),\ntask_news",
    ),
    Mutant(
        name="a stale run reads the follow-ups of another",
        statement="run_messages",
        guard="    AND t.lease_epoch = %(lease_epoch)s\n",
        instead="",
    ),
    Mutant(
        name="a completion passes over a follow-up",
        statement="complete_runs",
        guard="coalesce(t.last_message_no, 0) <= (r.report ->> 'messages_seen')::bigint",
        instead="true",
    ),
    Mutant(
        name="a follow-up to an ended task is taken",
        statement="reply_to_task",
        guard="        AND t.status NOT IN ('completed', 'failed', 'cancelled')\n",
        instead="",
    ),
    Mutant(
        name="what a lost run has used is forgotten",
        statement="release_stale_tasks",
        guard="coalesce(e.usage, a.usage)",
        instead="e.usage",
    ),
    Mutant(
        name="a bootstrap code works for a second worker",
        statement="start_run",
        guard=" AND a.worker_id = %(worker_id)s",
        instead="",
    ),
    Mutant(
        name="the reaper takes leases that are alive",
        statement="release_stale_tasks",
        guard=" AND t.lease_until < statement_timestamp()",
        instead="",
    ),
    Mutant(
        name="the cap is not kept",
        statement="claim_tasks",
        guard="LIMIT (SELECT greatest(coalesce(max(r.free), 0), 0) FROM room r)\n",
        instead="LIMIT %(limit)s\n",
    ),
    Mutant(
        name="leases that were counted before are forgotten",
        statement="claim_tasks",
        guard="ARRAY(SELECT m.lease_epoch FROM leases m)",
        instead="'{}'::bigint[]",
    ),
    Mutant(
        name="leases since the last count are not counted",
        statement="claim_tasks",
        guard="(k.counted + e.last_value - k.counted_at)",
        instead="k.counted",
    ),
    Mutant(
        name="the mark passes over what waits",
        statement="claim_tasks",
        guard="coalesce(f.fair_tag, CASE WHEN w.ended THEN l.next_tag END, l.mark_tag)",
        instead="k.fair_tag + 1",
    ),
    Mutant(
        name="a task handed back keeps a turn that the mark has passed",
        statement="end_attempt",
        guard="greatest(t.fair_tag, lane_time(t.project_id, t.agent_name, t.priority))",
        instead="t.fair_tag - 3",
    ),
    Mutant(
        name="the priority is not kept",
        statement="claim_tasks",
        guard="    ORDER BY p.priority DESC\n",
        instead="    ORDER BY p.priority\n",
    ),
    Mutant(
        name="a claim keeps the old epoch",
        statement="claim_tasks",
        guard="greatest(nextval('lease_epochs'), t.lease_epoch + 1)",
        instead="greatest(t.lease_epoch, 1)",
    ),
    Mutant(
        name="epochs begin anew when an id is used again",
        statement="claim_tasks",
        guard="greatest(nextval('lease_epochs'), t.lease_epoch + 1)",
        instead="t.lease_epoch + 1",
    ),
    Mutant(
        name="a session is deleted that another waits for",
        statement="delete_session",
        guard="AND dependant.session_id <> %(session_id)s",
        instead="AND false",
    ),
    Mutant(
        name="a delete takes the edge of an end that was not told",
        statement="delete_session",
        guard="AND NOT d.resolved",
        instead="AND blocker.status NOT IN ('completed', 'failed', 'cancelled')",
    ),
    Mutant(
        name="a new session of an old id counts from one",
        statement="create_session",
        guard="SELECT max(seq)",
        instead="SELECT 0 * max(seq)",
    ),
    Mutant(
        name="attempts never run out",
        statement="end_attempt",
        guard=" AND e.attempts < e.max_attempts",
        instead="",
    ),
    Mutant(
        name="a requested cancel is forgotten",
        statement="release_stale_tasks",
        guard="e.cancel_requested OR ",
        instead="",
    ),
    Mutant(
        name="an edge is counted off twice",
        statement="resolve_dependants",
        guard="NOT d.resolved",
        instead="true",
    ),
    Mutant(
        name="nobody is told that others wait",
        statement="delegate_task",
        guard="SET has_dependants = true",
        instead="SET has_dependants = false",
    ),
    Mutant(
        name="a running task is retried",
        statement="retry_task",
        guard="t.status IN ('failed', 'cancelled')",
        instead="t.status IN ('failed', 'cancelled', 'running')",
    ),
    Mutant(
        name="an ended task is cancelled",
        statement="cancel_task",
        guard="        AND t.status IN ('pending', 'input_required', 'claimed', 'running')\n",
        instead="",
    ),
    Mutant(
        name="the same memory is stored again",
        statement="complete_run_with_memories",
        guard=" OR v.content <> l.content",
        instead=" OR true",
    ),
    Mutant(
        name="event numbers leave gaps",
        statement="end_attempt",
        guard="SET last_seq = s.last_seq + k.event_count",
        instead="SET last_seq = s.last_seq + k.event_count + 1",
    ),
    Mutant(
        name="newcomers overtake an old backlog for ever",
        statement="delegate_task",
        guard="greatest(r.virtual_time, coalesce(f.last_tag, 0))",
        instead="coalesce(f.last_tag, 0)",
        machine="fairness",
    ),
    Mutant(
        name="the time of a lane stands still",
        statement="claim_tasks",
        guard="        virtual_time = s.virtual_time,\n",
        instead="        virtual_time = l.virtual_time,\n",
        machine="fairness",
    ),
    Mutant(
        name="a session's tasks all have one turn",
        statement="delegate_task",
        guard="greatest(r.virtual_time, coalesce(f.last_tag, 0))",
        instead="r.virtual_time",
        machine="fairness",
    ),
    Mutant(
        name="the oldest goes first, whosever it is",
        statement="claim_tasks",
        guard="            ORDER BY t.fair_tag, t.ready_seq\n",
        instead="            ORDER BY t.ready_seq\n",
        machine="fairness",
    ),
    Mutant(
        name="the newest goes first",
        statement="claim_tasks",
        guard="            ORDER BY t.fair_tag, t.ready_seq\n",
        instead="            ORDER BY t.fair_tag DESC, t.ready_seq DESC\n",
        machine="fairness",
    ),
    Mutant(
        name="what waited for its time goes behind everybody",
        statement="ready_due_tasks",
        guard="SET ready = true, fair_tag = g.fair_tag,",
        instead="SET ready = true, fair_tag = g.fair_tag + 1000,",
        machine="fairness",
    ),
    Mutant(
        name="a dispatcher reserves launches beyond the cap",
        statement="reserve_launches",
        guard="g.max_concurrent - (SELECT count(*) FROM leases)",
        instead="%(limit)s::integer",
    ),
    Mutant(
        name="a dispatcher reserves launches that it has no task for",
        statement="reserve_launches",
        guard="least(f.stuck + f.claimable, %(limit)s::integer) AS wanted",
        instead="%(limit)s::integer AS wanted",
    ),
    Mutant(
        name="launches are reserved before stale leases are seen to",
        statement="reserve_launches",
        guard="        AND (%(settled)s OR NOT (f.stale OR f.due))\n",
        instead="        AND %(settled)s IS NOT NULL\n",
    ),
    Mutant(
        name="a dispatcher does not look for stale leases",
        statement="reserve_launches",
        guard="WHERE l.lease_until < statement_timestamp()",
        instead="WHERE false",
    ),
    Mutant(
        name="a batch holds a session while it waits for a task",
        statement="lock_runs",
        guard="    WHERE t.status = 'running'\n",
        instead="    WHERE false\n",
        machine="locks",
    ),
    Mutant(
        name="a batch holds a session while it waits for one before it",
        statement="lock_runs",
        guard="WHERE (s.project_id, s.session_id) IN",
        instead="WHERE false AND (s.project_id, s.session_id) IN",
        machine="locks",
    ),
)
