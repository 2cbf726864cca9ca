-- End expired leases. Status, epoch and expiry are checked on the locked row: a heartbeat in time
-- wins; a row locked by another transaction is skipped and checked again next time.
WITH ending AS MATERIALIZED (
    SELECT
        t.project_id,
        t.task_id,
        t.lease_epoch,
        t.attempts,
        t.max_attempts,
        t.cancel_requested,
        CASE t.status WHEN 'claimed' THEN %(error_unstarted)s::jsonb ELSE %(error_lost)s::jsonb END
            AS error
    FROM tasks t
    WHERE t.phase = 1
        AND t.lease_until < statement_timestamp()
        AND (
            %(project_id)s::text IS NULL
            OR (t.project_id = %(project_id)s AND t.agent_name = %(agent_name)s)
        )
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
    ORDER BY t.lease_until
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
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
    -- once, not on every row
    CASE row_number() OVER () WHEN 1 THEN (SELECT to_push.outbox FROM to_push) END AS outbox
FROM ended e
