-- Connected workers, most recently seen first, and how many runs each has.
SELECT
    w.worker_id,
    w.agents,
    w.status,
    w.details ->> 'version' AS version,
    -- Without what the server notes there (touch_worker, leave_worker).
    w.details - '{connected_at,left_at}'::text[] AS details,
    (
        SELECT count(*)
        FROM tasks AS t
        JOIN task_attempts AS a
            ON a.project_id = t.project_id
            AND a.task_id = t.task_id
            AND a.lease_epoch = t.lease_epoch
        WHERE t.project_id = w.project_id
            AND t.agent_name = ANY(w.agents)
            AND t.phase = 1
            AND a.worker_id = w.worker_id
    ) AS running,
    w.last_seen_at,
    w.created_at
FROM workers AS w
WHERE w.project_id = %(project_id)s
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (w.last_seen_at, w.worker_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY w.last_seen_at DESC, w.worker_id DESC
LIMIT %(limit)s
