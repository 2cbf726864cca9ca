-- A worker's heartbeat: its own row and all its leases, in one statement. One row per valid lease,
-- or one without a task; `came_online` when the worker was considered offline. One that has said
-- that it leaves stays offline while its last runs go on (leave_worker).
WITH renewed_leases AS (
    UPDATE tasks t
    SET lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s)
    FROM unnest(%(task_ids)s::text[], %(lease_epochs)s::bigint[]) AS b (task_id, lease_epoch)
    WHERE t.project_id = %(project_id)s
        AND t.task_id = b.task_id
        AND t.lease_epoch = b.lease_epoch
        AND t.status = 'running'
        -- The second try passes over what others hold.
        AND (
            NOT %(past_locks)s::boolean
            OR EXISTS (
                SELECT
                FROM tasks m
                WHERE m.project_id = t.project_id AND m.task_id = t.task_id
                FOR NO KEY UPDATE SKIP LOCKED
            )
        )
    RETURNING t.project_id, t.task_id, t.lease_epoch, t.cancel_requested, t.lease_until
),
worker_before AS (
    SELECT w.status, w.details -> 'left_at' IS NOT NULL AS has_left
    FROM workers w
    WHERE w.project_id = %(project_id)s AND w.worker_id = %(worker_id)s
),
worker_seen AS (
    UPDATE workers w
    SET status = 'available', last_seen_at = now()
    WHERE w.project_id = %(project_id)s
        AND w.worker_id = %(worker_id)s
        AND w.details -> 'left_at' IS NULL
)
SELECT
    b.project_id,
    b.task_id,
    b.lease_epoch,
    b.cancel_requested,
    b.lease_until,
    EXISTS(SELECT FROM worker_before o WHERE o.status = 'offline' AND NOT o.has_left) AS came_online
FROM (VALUES (1)) AS once (n)
LEFT JOIN renewed_leases b ON true
