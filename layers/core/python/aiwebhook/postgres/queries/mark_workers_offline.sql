-- Mark workers offline that have shown no sign of life, neither by a claim nor by a heartbeat of
-- one of their runs.
UPDATE workers w
SET status = 'offline'
WHERE w.status <> 'offline'
    AND w.last_seen_at < now() - make_interval(secs => %(silent_s)s)
    AND NOT EXISTS (
        SELECT
        FROM tasks t
        JOIN task_attempts a
            ON a.project_id = t.project_id
            AND a.task_id = t.task_id
            AND a.lease_epoch = t.lease_epoch
        WHERE t.project_id = w.project_id
            AND t.agent_name = ANY(w.agents)
            AND t.status = 'running'
            AND t.phase = 1  -- the index of leases, not all tasks of the project
            AND t.lease_until > now()
            AND a.worker_id = w.worker_id
    )
RETURNING w.project_id, w.worker_id, w.agents
