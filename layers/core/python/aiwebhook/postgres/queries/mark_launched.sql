-- Record that the runtime has accepted these attempts. If a run has reported in already, only its
-- reference is added. The task is locked against a concurrent deletion of its session or
-- cancellation: either that sees the reference, or this statement sees no row, or that the run is
-- to be cancelled.
WITH asked AS (
    SELECT g.project_id, g.agent_name FROM agents g WHERE g.project_id = %(project_id)s
),
-- include named_attempts,
held AS MATERIALIZED (
    SELECT a.project_id, a.task_id, a.lease_epoch, n.runtime_ref, t.cancel_requested
    FROM unnest(%(attempt_ids)s::text[], %(runtime_refs)s::text[])
            AS n (attempt_id, runtime_ref)
    JOIN named a
        ON a.attempt_id = n.attempt_id AND a.project_id = %(project_id)s
    JOIN tasks t ON t.project_id = a.project_id AND t.task_id = a.task_id
    ORDER BY t.project_id, t.task_id
    FOR NO KEY UPDATE OF t
)
UPDATE task_attempts a
SET
    status = CASE a.status WHEN 'launching' THEN 'launched' ELSE a.status END,
    runtime_ref = h.runtime_ref,
    launched_at = coalesce(a.launched_at, now())
FROM held h
WHERE a.project_id = h.project_id
    AND a.task_id = h.task_id
    AND a.lease_epoch = h.lease_epoch
    AND a.status IN ('launching', 'running')
RETURNING h.cancel_requested
