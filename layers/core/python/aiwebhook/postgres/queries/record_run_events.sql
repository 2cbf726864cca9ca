-- Store progress and log lines of a run, in their order, and what it has used so far (null: as
-- before). The lock on the task row keeps the fence closed until the commit; the one on the attempt
-- lets a repeated call see what the previous one stored. first_no: the run's own number of the
-- first line; null: the run does not count.
WITH held AS MATERIALIZED (
    SELECT
        t.project_id, t.task_id, t.session_id, t.agent_name, t.cancel_requested, p.correlation_id,
        coalesce(a.events_told, 0) AS events_told
    FROM tasks t
    JOIN
        task_attempts a
        ON a.project_id = t.project_id AND a.task_id = t.task_id AND a.lease_epoch = t.lease_epoch
    JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = 'running'
    FOR NO KEY UPDATE OF t, a
),
recorded AS (
    UPDATE task_attempts a
    SET
        usage = coalesce(%(usage)s::jsonb, a.usage),
        events_told
        = greatest(h.events_told, %(first_no)s::bigint + jsonb_array_length(%(events)s::jsonb) - 1)
    FROM held h
    WHERE a.project_id = h.project_id
        AND a.task_id = h.task_id
        AND a.lease_epoch = %(lease_epoch)s
        AND (%(usage)s::jsonb IS NOT NULL OR %(first_no)s::bigint IS NOT NULL)
),
-- An event of the agent proves that it can start, whatever was reported to prevent that.
agent_status AS (
    UPDATE agents a
    SET status = 'available', status_reason = NULL, status_since = now()
    FROM held h
    WHERE a.project_id = h.project_id
        AND a.agent_name = h.agent_name
        AND a.status = 'error'
        AND jsonb_path_exists(%(events)s::jsonb, '$[*] ? (@.kind != "usage")')
),
new_events AS (
    SELECT
        h.project_id,
        h.session_id,
        e.place,
        'task.progress' AS type,
        h.task_id,
        e.data,
        h.correlation_id
    FROM held h, jsonb_array_elements(%(events)s::jsonb) WITH ORDINALITY AS e (data, place)
    WHERE %(first_no)s::bigint IS NULL OR %(first_no)s::bigint + e.place - 1 > h.events_told
),
woken_agents AS (
    SELECT NULL::text AS project_id, NULL::text AS agent_name, 'wake' AS kind WHERE false
),
-- include log_news
SELECT h.cancel_requested, (SELECT count(*) FROM logged) AS accepted FROM held h
