-- What a run is given to work on.
SELECT
    t.project_id,
    t.task_id,
    t.session_id,
    t.lease_epoch,
    t.timeout_s,
    a.attempt_id,
    p.task_type,
    p.description,
    p.input,
    p.correlation_id,
    g.manifest AS agent
FROM tasks t
JOIN task_attempts a
    ON a.project_id = t.project_id AND a.task_id = t.task_id AND a.lease_epoch = t.lease_epoch
JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
JOIN agents g ON g.project_id = t.project_id AND g.agent_name = t.agent_name
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
