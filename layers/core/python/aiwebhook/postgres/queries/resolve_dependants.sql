-- Pass the end of tasks on to those that depend on them: a completed task unblocks them, any other
-- end fails them with `dependency_failed`. Runs after the end is committed, so that its snapshot
-- sees every dependant. Each edge is resolved once (the UPDATE of `resolved` is the guard), so
-- running it twice, or twice at once, is harmless.
WITH ended_dependencies AS (
    SELECT t.project_id, t.task_id, t.status
    FROM unnest(%(project_ids)s::text[], %(task_ids)s::text[]) AS w (project_id, task_id)
    JOIN tasks t ON t.project_id = w.project_id AND t.task_id = w.task_id
    WHERE t.status IN ('completed', 'failed', 'cancelled')
),
waiting_tasks AS MATERIALIZED (
    SELECT
        t.project_id, t.task_id, t.session_id, t.agent_name, t.priority, t.blockers, t.run_after,
        p.correlation_id
    FROM tasks t
    JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
    WHERE (t.project_id, t.task_id) IN (
            SELECT d.project_id, d.task_id
            FROM ended_dependencies e
            JOIN task_dependencies d ON d.project_id = e.project_id AND d.depends_on = e.task_id
            WHERE NOT d.resolved
        )
        AND t.status = 'pending'
        -- The reaper's second try passes over what others hold.
        AND (
            NOT %(past_locks)s::boolean
            OR (
                EXISTS (
                    SELECT
                    FROM tasks m
                    WHERE m.project_id = t.project_id AND m.task_id = t.task_id
                    FOR NO KEY UPDATE SKIP LOCKED
                )
                AND EXISTS (
                    SELECT
                    FROM sessions s
                    WHERE s.project_id = t.project_id AND s.session_id = t.session_id
                    FOR NO KEY UPDATE SKIP LOCKED
                )
            )
        )
    ORDER BY t.project_id, t.task_id
    FOR NO KEY UPDATE OF t
),
resolved_edges AS (
    UPDATE task_dependencies d
    SET resolved = true
    FROM waiting_tasks h, ended_dependencies e
    WHERE d.project_id = h.project_id
        AND d.task_id = h.task_id
        AND e.project_id = d.project_id
        AND e.task_id = d.depends_on
        AND NOT d.resolved
    RETURNING d.project_id, d.task_id, d.depends_on, e.status
),
dependants AS (
    SELECT
        h.*,
        m.resolved_count,
        m.broken_by,
        h.blockers = m.resolved_count AND coalesce(h.run_after <= now(), true) AS due
    FROM waiting_tasks h
    JOIN (
        SELECT
            project_id,
            task_id,
            count(*) AS resolved_count,
            min(depends_on) FILTER (WHERE status <> 'completed') AS broken_by
        FROM resolved_edges
        GROUP BY project_id, task_id
    ) m ON m.project_id = h.project_id AND m.task_id = h.task_id
),
becoming_ready AS (
    SELECT
        v.project_id, v.task_id, v.session_id, v.agent_name, v.priority,
        row_number() OVER (ORDER BY v.project_id, v.task_id) AS place
    FROM dependants v
    WHERE v.broken_by IS NULL AND v.due
),
-- include fair_tags,
changed AS (
    UPDATE tasks t
    SET
        status = CASE WHEN v.broken_by IS NULL THEN 'pending' ELSE 'failed' END,
        phase = CASE WHEN v.broken_by IS NULL THEN 0 ELSE 2 END,
        blockers = t.blockers - CASE WHEN v.broken_by IS NULL THEN v.resolved_count ELSE 0 END,
        ready = v.broken_by IS NULL AND v.due,
        run_after = CASE WHEN v.broken_by IS NULL AND NOT v.due THEN t.run_after END,
        fair_tag = coalesce(g.fair_tag, t.fair_tag),
        ready_seq = CASE WHEN g.fair_tag IS NULL THEN t.ready_seq ELSE nextval('ready_seq') END
    FROM dependants v
    LEFT JOIN tagged g ON g.project_id = v.project_id AND g.task_id = v.task_id
    WHERE t.project_id = v.project_id AND t.task_id = v.task_id AND t.status = 'pending'
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.lease_epoch, t.attempts,
        t.max_attempts, t.run_after, t.has_dependants, t.ready, t.blockers, v.correlation_id,
        v.broken_by
),
ended AS (
    SELECT
        c.project_id, c.task_id, c.session_id, c.agent_name, c.status, c.lease_epoch, c.attempts,
        c.max_attempts, c.run_after, c.has_dependants, c.correlation_id,
        jsonb_build_object(
            'error_class', 'dependency_failed',
            'message',
            format('Task %%s, which this one depends on, did not complete.', c.broken_by),
            'remedy', format('See why %%s ended, retry it, then retry this task.', c.broken_by),
            'retryable', false,
            'depends_on', c.broken_by,
            'say', %(dependency_say)s::text
        ) AS error,
        NULL::text AS say, NULL::jsonb AS output, NULL::jsonb AS usage, NULL::integer AS exit_code,
        NULL::jsonb AS notes,
        'cancelled' AS attempt_status
    FROM changed c
    WHERE c.status = 'failed'
),
-- include settle_ended,
new_events AS (
    SELECT * FROM task_news
),
woken_agents AS (
    SELECT DISTINCT c.project_id, c.agent_name, 'wake' AS kind FROM changed c WHERE c.ready
),
-- include log_news
SELECT
    c.project_id, c.task_id, c.status, c.run_after, c.has_dependants, c.agent_name,
    CASE WHEN c.status = 'pending' AND c.blockers = 0
            THEN extract(EPOCH FROM c.run_after - now())::float8
    END AS wait_s,
    -- once, not on every row
    CASE row_number() OVER () WHEN 1 THEN (SELECT to_push.outbox FROM to_push) END AS outbox
FROM changed c
