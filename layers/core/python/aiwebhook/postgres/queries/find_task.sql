-- Everything about one task: `runs` are its newest 20 attempts (a task nobody had room for may have
-- thousands), `usages` what each run that used anything has used.
SELECT
    t.task_id,
    t.session_id,
    t.agent_name,
    agent.manifest ->> 'title' AS agent_title,
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
    p.repository,
    p.max_cost_usd::float8 AS max_cost_usd,
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
    r.exit_code,
    r.notes,
    (
        SELECT jsonb_agg(to_jsonb(n) - 'lease_epoch' ORDER BY n.lease_epoch)
        FROM (
            SELECT
                a.lease_epoch,
                attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch) AS attempt_id,
                a.status, a.worker_id, a.claimed_at, a.started_at,
                a.finished_at, a.error ->> 'error_class' AS error_class, a.usage, a.exit_code
            FROM task_attempts AS a
            WHERE a.project_id = t.project_id AND a.task_id = t.task_id
            ORDER BY a.lease_epoch DESC
            LIMIT 20
        ) AS n
    ) AS runs,
    (
        SELECT jsonb_agg(a.usage)
        FROM task_attempts AS a
        WHERE a.project_id = t.project_id AND a.task_id = t.task_id AND a.usage IS NOT NULL
    ) AS usages
FROM tasks AS t
JOIN task_payloads AS p ON p.project_id = t.project_id AND p.task_id = t.task_id
JOIN agents AS agent ON agent.project_id = t.project_id AND agent.agent_name = t.agent_name
LEFT JOIN task_results AS r ON r.project_id = t.project_id AND r.task_id = t.task_id
LEFT JOIN task_attempts AS attempt
    ON attempt.project_id = t.project_id
    AND attempt.task_id = t.task_id
    AND attempt.lease_epoch = t.lease_epoch
WHERE t.project_id = %(project_id)s AND t.task_id = %(task_id)s
