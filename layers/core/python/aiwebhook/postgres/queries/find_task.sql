-- Everything about one task.
SELECT
    t.task_id,
    t.session_id,
    t.agent_name,
    p.task_type,
    p.description,
    p.input,
    t.status,
    t.ready,
    t.priority,
    t.attempts,
    t.max_attempts,
    t.timeout_s,
    t.cancel_requested,
    p.depends_on,
    p.callback_url,
    p.not_before,
    t.run_after,
    t.deadline,
    p.created_at,
    attempt.claimed_at,
    attempt.launched_at,
    attempt.started_at,
    r.finished_at,
    r.output,
    r.say,
    r.error,
    r.usage,
    r.exit_code
FROM tasks AS t
JOIN task_payloads AS p ON p.project_id = t.project_id AND p.task_id = t.task_id
LEFT JOIN task_results AS r ON r.project_id = t.project_id AND r.task_id = t.task_id
LEFT JOIN task_attempts AS attempt
    ON attempt.project_id = t.project_id
    AND attempt.task_id = t.task_id
    AND attempt.lease_epoch = t.lease_epoch
WHERE t.project_id = %(project_id)s AND t.task_id = %(task_id)s
