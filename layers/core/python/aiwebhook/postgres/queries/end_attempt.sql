-- End one attempt without success: it failed, was handed back, was refused by the runtime, or its
-- container stopped.
WITH ending AS MATERIALIZED (
    SELECT
        t.project_id, t.task_id, t.lease_epoch, t.attempts, t.max_attempts, t.cancel_requested,
        %(error)s::jsonb AS error
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = ANY(%(from_statuses)s::text[])
    FOR NO KEY UPDATE
),
-- include end_attempts,
-- include settle_ended,
new_events AS (
    SELECT * FROM task_news
),
woken_agents AS (
    SELECT f.project_id, f.agent_name, 'room' AS kind FROM freed f
),
-- include log_news
SELECT
    e.project_id, e.task_id, e.status, e.run_after, e.has_dependants, e.agent_name,
    extract(EPOCH FROM e.run_after - now())::float8 AS wait_s,
    (SELECT to_push.outbox FROM to_push) AS outbox
FROM ended e
