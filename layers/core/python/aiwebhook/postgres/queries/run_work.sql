-- The input of this lease's run; no row: the lease is lost.
WITH run AS (
    SELECT
        t.project_id,
        t.task_id,
        t.session_id,
        t.agent_name,
        t.lease_epoch,
        t.timeout_s,
        t.attempts AS attempt,
        attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch) AS attempt_id
    FROM tasks t
    JOIN task_attempts a
        ON a.project_id = t.project_id AND a.task_id = t.task_id AND a.lease_epoch = t.lease_epoch
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = 'running'
),
-- include work
SELECT * FROM work
