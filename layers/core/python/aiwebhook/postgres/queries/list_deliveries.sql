-- Callback deliveries, newest first; with the log of attempts only when one is asked for.
SELECT
    delivery_id, event_no, event_type, task_id, endpoint_id, url, status, attempts, next_attempt_at,
    CASE WHEN %(delivery_id)s::text IS NOT NULL THEN log END AS log,
    created_at, delivered_at
FROM deliveries
WHERE project_id = %(project_id)s
    AND (%(delivery_id)s::text IS NULL OR delivery_id = %(delivery_id)s)
    AND (%(endpoint_id)s::text IS NULL OR endpoint_id = %(endpoint_id)s)
    AND (%(task_id)s::text IS NULL OR task_id = %(task_id)s)
    AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (created_at, delivery_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY created_at DESC, delivery_id DESC
LIMIT %(limit)s
