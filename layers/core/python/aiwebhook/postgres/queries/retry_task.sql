-- Return a failed or cancelled task to the queue with all its attempts available again. Its epoch
-- keeps counting, so that no earlier run can report for it. No row: no such task in this session
-- ('': in the project), it has not failed or been cancelled, or a dependency has
-- (dependency_states).
WITH held AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.session_id, t.agent_name, t.priority, p.correlation_id
    FROM tasks t
    JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.status IN ('failed', 'cancelled')
        AND %(session_id)s IN (t.session_id, '')
    FOR NO KEY UPDATE OF t
),
dependencies AS MATERIALIZED (
    SELECT n.project_id, n.task_id, n.status
    FROM held h
    JOIN task_dependencies d ON d.project_id = h.project_id AND d.task_id = h.task_id
    JOIN tasks n ON n.project_id = d.project_id AND n.task_id = d.depends_on
    ORDER BY n.task_id
    FOR NO KEY UPDATE OF n
),
admitted AS (
    SELECT count(*) FILTER (WHERE n.status <> 'completed') AS blockers
    FROM dependencies n
    HAVING count(*) FILTER (WHERE n.status IN ('failed', 'cancelled')) = 0
),
becoming_ready AS (
    SELECT h.project_id, h.task_id, h.session_id, h.agent_name, h.priority, 1 AS place
    FROM held h, admitted a
    WHERE a.blockers = 0
),
-- include fair_tags,
queued AS (
    UPDATE tasks t
    SET
        status = 'pending',
        phase = 0,
        ready = a.blockers = 0,
        fair_tag = coalesce((SELECT g.fair_tag FROM tagged g), t.fair_tag),
        ready_seq = nextval('ready_seq'),
        attempts = 0,
        blockers = a.blockers,
        run_after = NULL,
        deadline = CASE WHEN t.deadline > now() THEN t.deadline END,
        cancel_requested = false
    FROM held h, admitted a
    WHERE t.project_id = h.project_id
        AND t.task_id = h.task_id
        AND t.status IN ('failed', 'cancelled')
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.ready, t.priority,
        t.fair_tag, t.ready_seq, t.blockers, t.run_after, t.attempts, t.cancel_requested,
        h.correlation_id
),
reopened_dependencies AS (
    UPDATE task_dependencies d
    SET resolved = n.status = 'completed'
    FROM queued r, dependencies n
    WHERE d.project_id = r.project_id AND d.task_id = r.task_id AND d.depends_on = n.task_id
),
dropped_result AS (
    DELETE FROM task_results x
    USING queued r
    WHERE x.project_id = r.project_id AND x.task_id = r.task_id
),
new_events AS (
    SELECT
        r.project_id,
        r.session_id,
        1 AS place,
        'task.requeued' AS type,
        r.task_id,
        jsonb_build_object(
            'agent_name', r.agent_name, 'status', r.status, 'attempt', 0, 'retried', true
        )
            AS data,
        r.correlation_id
    FROM queued r
),
woken_agents AS (
    SELECT r.project_id, r.agent_name, 'wake' AS kind FROM queued r WHERE r.ready
),
-- include log_news,
-- include ask_queued,
-- include situation,
-- include told_situation,
outcome AS (
    SELECT
        q.session_id,
        jsonb_build_object(
            'task_id', q.task_id,
            'agent_name', q.agent_name,
            'agent_title', g.manifest ->> 'title',
            'status', q.status,
            'situation', (SELECT s.facts FROM told_situation s)
        ) AS data,
        l.seq AS cursor
    FROM queued q
    CROSS JOIN logged l
    LEFT JOIN agents g ON g.project_id = q.project_id AND g.agent_name = q.agent_name
),
-- include keep_outcome
SELECT o.session_id, o.data, o.cursor, (SELECT to_push.outbox FROM to_push) AS outbox FROM outcome o
