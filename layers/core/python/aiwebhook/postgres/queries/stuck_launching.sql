-- Attempts of which nobody knows whether they were launched; launching again with the same token is
-- harmless.
SELECT
    a.project_id,
    a.task_id,
    t.session_id,
    a.agent_name,
    t.priority,
    a.lease_epoch,
    t.attempts AS attempt,
    a.attempt_id,
    p.correlation_id
FROM task_attempts a
JOIN tasks t
    ON t.project_id = a.project_id
    AND t.task_id = a.task_id
    AND t.lease_epoch = a.lease_epoch
    AND t.status = 'claimed'
JOIN task_payloads p ON p.project_id = a.project_id AND p.task_id = a.task_id
WHERE a.project_id = %(project_id)s
    AND a.agent_name = %(agent_name)s
    AND a.status = 'launching'
    AND a.claimed_at < now() - make_interval(secs => %(older_than_s)s)
ORDER BY a.claimed_at
LIMIT %(limit)s
