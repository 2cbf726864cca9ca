-- Mark those of the attempts accepted by the runtime that have ended meanwhile, are gone with their
-- session, or are to be cancelled.
WITH asked AS (
    SELECT g.project_id, g.agent_name FROM agents g
),
-- include named_attempts
INSERT INTO runs_to_stop (attempt_id, runtime_ref)
SELECT n.attempt_id, n.runtime_ref
FROM unnest(%(attempt_ids)s::text[], %(runtime_refs)s::text[]) AS n (attempt_id, runtime_ref)
WHERE NOT EXISTS (
        SELECT
        FROM named m
        JOIN task_attempts a
            ON a.project_id = m.project_id
            AND a.task_id = m.task_id
            AND a.lease_epoch = m.lease_epoch
        JOIN tasks t ON t.project_id = a.project_id AND t.task_id = a.task_id
        WHERE m.attempt_id = n.attempt_id AND a.finished_at IS NULL AND NOT t.cancel_requested
    )
ON CONFLICT DO NOTHING
