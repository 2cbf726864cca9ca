-- Cancels a waiting task at once; a claimed or running one is asked to stop and ends by its own
-- report, or by the reaper's. No row: the task has ended already, or does not exist. Asking twice
-- is harmless.
WITH open_task AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.session_id, t.status
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.status IN ('pending', 'input_required', 'claimed', 'running')
    FOR NO KEY UPDATE
),
ended AS (
    UPDATE tasks t
    SET status = 'cancelled', phase = 2, ready = false, cancel_requested = true, run_after = NULL
    FROM open_task a, task_payloads p
    WHERE t.project_id = a.project_id
        AND t.task_id = a.task_id
        AND t.status = a.status
        AND a.status IN ('pending', 'input_required')
        AND p.project_id = a.project_id
        AND p.task_id = a.task_id
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.lease_epoch, t.attempts,
        t.max_attempts, t.run_after, t.has_dependants, p.correlation_id,
        %(cancelled_error)s::jsonb AS error, NULL::text AS say, NULL::jsonb AS output,
        NULL::jsonb AS usage, NULL::integer AS exit_code, NULL::jsonb AS notes,
        'cancelled' AS attempt_status
),
flagged AS (
    UPDATE tasks t
    SET cancel_requested = true
    FROM open_task a
    WHERE t.project_id = a.project_id
        AND t.task_id = a.task_id
        AND a.status IN ('claimed', 'running')
        AND NOT t.cancel_requested
),
-- include settle_ended,
new_events AS (
    SELECT * FROM task_news
),
woken_agents AS (
    SELECT f.project_id, f.agent_name, 'wake' AS kind FROM freed f WHERE false
),
-- include log_news,
outcome AS (
    SELECT
        %(answer)s::jsonb || jsonb_build_object(
            'status', coalesce(e.status, a.status), 'cancel_requested', e.status IS NULL
        ) AS data,
        (SELECT max(l.seq) FROM logged l) AS cursor
    FROM open_task a
    LEFT JOIN ended e ON e.task_id = a.task_id
),
-- include keep_outcome
SELECT o.data, o.cursor, (SELECT to_push.outbox FROM to_push) AS outbox FROM outcome o
