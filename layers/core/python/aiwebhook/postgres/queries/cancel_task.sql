-- Cancels a waiting task at once. A claimed or running one is asked to stop, and ends by its own
-- report or by the reaper's; its container is marked to be stopped, and the dispatcher rung to stop
-- it. No row: the task has already ended, or does not exist in this session ('': in the project).
-- Repeating is harmless.
WITH open_task AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.session_id, t.status, t.agent_name, t.lease_epoch
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.status IN ('pending', 'input_required', 'claimed', 'running')
        AND %(session_id)s IN (t.session_id, '')
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
-- Locked, so that a reference which a launch is just recording is seen.
launched AS MATERIALIZED (
    SELECT
        o.project_id, o.agent_name, a.runtime_ref,
        attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch) AS attempt_id
    FROM open_task o
    JOIN task_attempts a
        ON a.project_id = o.project_id AND a.task_id = o.task_id AND a.lease_epoch = o.lease_epoch
    WHERE o.status IN ('claimed', 'running')
    FOR NO KEY UPDATE OF a
),
to_stop AS (
    INSERT INTO runs_to_stop (attempt_id, runtime_ref)
    SELECT l.attempt_id, l.runtime_ref FROM launched l WHERE l.runtime_ref IS NOT NULL
    ON CONFLICT DO NOTHING
),
-- include settle_ended,
new_events AS (
    SELECT * FROM task_news
),
woken_agents AS (
    SELECT l.project_id, l.agent_name, 'wake' AS kind
    FROM launched l
    WHERE l.runtime_ref IS NOT NULL
),
-- include log_news,
outcome AS (
    SELECT
        a.session_id,
        jsonb_build_object(
            'task_id', a.task_id,
            'agent_name', a.agent_name,
            'agent_title', g.manifest ->> 'title',
            'status', coalesce(e.status, a.status),
            'cancel_requested', e.status IS NULL
        ) AS data,
        (SELECT max(l.seq) FROM logged l) AS cursor
    FROM open_task a
    LEFT JOIN ended e ON e.task_id = a.task_id
    LEFT JOIN agents g ON g.project_id = a.project_id AND g.agent_name = a.agent_name
),
-- include keep_outcome
SELECT
    o.session_id,
    o.data,
    o.cursor,
    (SELECT to_push.outbox FROM to_push) AS outbox,
    coalesce((SELECT e.has_dependants FROM ended e), false) AS has_dependants
FROM outcome o
