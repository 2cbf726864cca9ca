-- Connected workers, those heard of last first.
SELECT worker_id, agents, status, last_seen_at, created_at
FROM workers
WHERE project_id = %(project_id)s
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (last_seen_at, worker_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY last_seen_at DESC, worker_id DESC
LIMIT %(limit)s
