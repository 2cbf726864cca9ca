-- What a run is given to work on. A checkpoint is there when an earlier attempt left one and the
-- task goes on: whatever ends a task drops it.
SELECT
    t.project_id,
    t.task_id,
    t.session_id,
    t.lease_epoch,
    t.timeout_s,
    t.attempts AS attempt,
    a.attempt_id,
    p.task_type,
    p.description,
    p.input,
    p.repository,
    p.max_cost_usd::float8 AS max_cost_usd,
    p.correlation_id,
    g.manifest AS agent,
    c.data AS checkpoint,
    c.content_sha256 AS checkpoint_sha256
FROM tasks t
JOIN task_attempts a
    ON a.project_id = t.project_id AND a.task_id = t.task_id AND a.lease_epoch = t.lease_epoch
JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
JOIN agents g ON g.project_id = t.project_id AND g.agent_name = t.agent_name
LEFT JOIN task_checkpoints c ON c.project_id = t.project_id AND c.task_id = t.task_id
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
