-- Progress and log lines of a run, in their order, and what it has used so far (null: as before). The
-- lock on the task row keeps the fence closed until the commit.
WITH held AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.session_id, t.cancel_requested, p.correlation_id
    FROM tasks t
    JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = 'running'
    FOR NO KEY UPDATE OF t
),
metered AS (
    UPDATE task_attempts a
    SET usage = %(usage)s::jsonb
    FROM held h
    WHERE a.project_id = h.project_id
        AND a.task_id = h.task_id
        AND a.lease_epoch = %(lease_epoch)s
        AND %(usage)s::jsonb IS NOT NULL
),
news AS (
    SELECT
        h.project_id,
        h.session_id,
        e.place,
        'task.progress' AS type,
        h.task_id,
        e.data,
        h.correlation_id
    FROM held h, jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS e (data, place)
),
rings AS (
    SELECT NULL::text AS project_id, NULL::text AS agent_name WHERE false
),
-- include log_news
SELECT h.cancel_requested, (SELECT count(*) FROM logged) AS accepted FROM held h
