-- A deadline that passed ends the task wherever it is; a run still at work loses its lease.
WITH held AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.status, p.correlation_id
    FROM tasks t
    JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
    WHERE t.deadline IS NOT NULL
        AND t.deadline <= statement_timestamp()
        AND t.phase < 2
        -- The second try passes over what others hold.
        AND (
            NOT %(past_locks)s::boolean
            OR EXISTS (
                SELECT
                FROM sessions s
                WHERE s.project_id = t.project_id AND s.session_id = t.session_id
                FOR NO KEY UPDATE SKIP LOCKED
            )
        )
    ORDER BY t.project_id, t.task_id
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF t SKIP LOCKED
),
ended AS (
    UPDATE tasks t
    SET
        status = CASE WHEN t.cancel_requested THEN 'cancelled' ELSE 'failed' END,
        phase = 2,
        ready = false,
        lease_until = NULL,
        run_after = NULL
    FROM held h
    WHERE t.project_id = h.project_id AND t.task_id = h.task_id AND t.status = h.status
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.lease_epoch, t.attempts,
        t.max_attempts, t.run_after, t.has_dependants, h.correlation_id,
        CASE WHEN t.cancel_requested THEN %(cancelled_error)s::jsonb ELSE %(error)s::jsonb END
            AS error,
        NULL::text AS say, NULL::jsonb AS output, NULL::jsonb AS usage, NULL::integer AS exit_code,
        NULL::jsonb AS notes,
        'lost' AS attempt_status
),
-- include settle_ended,
new_events AS (
    SELECT * FROM task_news
),
woken_agents AS (
    SELECT f.project_id, f.agent_name, 'room' AS kind FROM freed f
),
-- include log_news
SELECT
    e.project_id, e.task_id, e.status, e.run_after, e.has_dependants,
    -- once, not on every row
    CASE row_number() OVER () WHEN 1 THEN (SELECT to_push.outbox FROM to_push) END AS outbox
FROM ended e
