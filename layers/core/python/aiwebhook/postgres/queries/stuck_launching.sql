-- Attempts that may or may not have been launched; launching them again with the same token is
-- harmless.
SELECT
    a.project_id,
    a.task_id,
    t.session_id,
    a.agent_name,
    t.priority,
    a.lease_epoch,
    t.attempts AS attempt,
    attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch) AS attempt_id,
    p.correlation_id
FROM tasks t
JOIN task_attempts a
    ON a.project_id = t.project_id
    AND a.task_id = t.task_id
    AND a.lease_epoch = t.lease_epoch
JOIN task_payloads p ON p.project_id = a.project_id AND p.task_id = a.task_id
WHERE t.project_id = %(project_id)s
    AND t.agent_name = %(agent_name)s
    AND t.status = 'claimed'
    AND t.phase = 1
    AND a.status = 'launching'
    AND a.claimed_at < now() - make_interval(secs => %(older_than_s)s)
ORDER BY a.claimed_at
LIMIT %(limit)s
