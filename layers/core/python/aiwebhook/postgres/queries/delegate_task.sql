-- Create a task: queue row with its fair tag, payload, dependencies, event, wake-up, idempotency
-- key; one commit.
-- No row: the session accepts no tasks, the id is taken (in a race: a unique violation), a
-- dependency is unknown or did not succeed (ask with dependency_states), or the name by which the
-- agent is presumed (presumed_as) now means another agent or manifest (ask with find_agent).
-- depends_on must not name a task twice. A null key means no idempotency. The dependencies' rows
-- are locked and flagged: either the statement that ends one sees the flag, or this one sees its
-- end.
WITH dependencies AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.status
    FROM tasks t
    WHERE t.project_id = %(project_id)s AND t.task_id = ANY(%(depends_on)s::text[])
    ORDER BY t.task_id
    FOR NO KEY UPDATE
),
flagged AS (
    UPDATE tasks t
    SET has_dependants = true
    FROM dependencies n
    WHERE t.project_id = n.project_id AND t.task_id = n.task_id AND NOT t.has_dependants
),
admitted AS (
    SELECT
        count(*) FILTER (WHERE n.status <> 'completed') AS blockers,
        count(*) FILTER (WHERE n.status <> 'completed') = 0
        AND coalesce(%(not_before)s::timestamptz <= now(), true) AS ready
    FROM dependencies n
    HAVING count(*) = cardinality(%(depends_on)s::text[])
        AND count(*) FILTER (WHERE n.status IN ('failed', 'cancelled')) = 0
        AND EXISTS (
            SELECT FROM sessions s
            WHERE s.project_id = %(project_id)s
                AND s.session_id = %(session_id)s
                AND s.status <> 'completed'
        )
        AND NOT EXISTS (
            SELECT FROM tasks t WHERE t.project_id = %(project_id)s AND t.task_id = %(task_id)s
        )
        AND (
            %(presumed_as)s::text IS NULL OR EXISTS (
                SELECT
                FROM (
                    SELECT g.agent_name, g.manifest
                    FROM agents g
                    WHERE g.project_id = %(project_id)s
                        AND (
                            g.agent_name = %(presumed_as)s::text
                            OR %(presumed_as)s::text = ANY(g.aliases)
                        )
                    ORDER BY g.agent_name <> %(presumed_as)s::text
                    LIMIT 1
                ) meant
                WHERE meant.agent_name = %(agent_name)s AND meant.manifest = %(manifest)s::jsonb
            )
        )
),
enrolled AS (
    INSERT INTO agents (project_id, agent_name, manifest, max_concurrent)
    SELECT %(project_id)s, %(agent_name)s, %(manifest)s::jsonb, %(max_concurrent)s
    FROM admitted
    ON CONFLICT (project_id, agent_name) DO NOTHING
),
becoming_ready AS (
    SELECT
        %(project_id)s::text AS project_id,
        %(task_id)s::text AS task_id,
        %(session_id)s::text AS session_id,
        %(agent_name)s::text AS agent_name,
        %(priority)s::smallint AS priority,
        1 AS place
    FROM admitted
    WHERE ready
),
-- include fair_tags,
queued AS (
    INSERT INTO tasks (
        project_id,
        task_id,
        session_id,
        agent_name,
        ready,
        priority,
        fair_tag,
        max_attempts,
        blockers,
        timeout_s, run_after, deadline
    )
    SELECT
        %(project_id)s, %(task_id)s, %(session_id)s, %(agent_name)s, a.ready, %(priority)s,
        coalesce((SELECT g.fair_tag FROM tagged g), 0), %(max_attempts)s, a.blockers,
        %(timeout_s)s,
        CASE WHEN NOT a.ready THEN %(not_before)s::timestamptz END,
        %(deadline)s::timestamptz
    FROM admitted a
    RETURNING
        project_id, task_id, session_id, agent_name, status, ready, priority, fair_tag, ready_seq,
        blockers, run_after, attempts, cancel_requested
),
new_payload AS (
    INSERT INTO task_payloads (
        project_id, task_id, session_id, task_type, description, input, depends_on, callback_url,
        repository, max_cost_usd, not_before, correlation_id, delegated_by, delegated_with,
        wake_depth
    )
    SELECT
        m.project_id, m.task_id, m.session_id, %(task_type)s, %(description)s, %(input)s::jsonb,
        %(depends_on)s::text[], %(callback_url)s, %(repository)s::jsonb, %(max_cost_usd)s::numeric,
        %(not_before)s::timestamptz, %(correlation_id)s, %(connection)s,
        %(delegated_with)s,
        CASE
            WHEN %(connection)s::text IS NULL THEN 0
            ELSE wake_depth(%(project_id)s, %(connection)s, %(woken_s)s)
        END
    FROM queued m
),
new_dependencies AS (
    INSERT INTO task_dependencies (project_id, task_id, depends_on, resolved)
    SELECT m.project_id, m.task_id, n.task_id, n.status = 'completed'
    FROM queued m, dependencies n
),
new_events AS (
    SELECT
        m.project_id,
        m.session_id,
        1 AS place,
        'task.created' AS type,
        m.task_id,
        jsonb_strip_nulls(jsonb_build_object(
            'agent_name', m.agent_name,
            'task_type', %(task_type)s::text,
            'priority', m.priority,
            'ready', m.ready,
            'depends_on', nullif(%(depends_on)s::text[], '{}'),
            'not_before', to_char(
                %(not_before)s::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
            )
        )) AS data,
        %(correlation_id)s::text AS correlation_id
    FROM queued m
),
woken_agents AS (
    SELECT m.project_id, m.agent_name, 'wake' AS kind FROM queued m WHERE m.ready
),
-- include log_news,
-- include ask_queued,
-- include situation,
-- include told_situation,
outcome AS (
    SELECT
        %(answer)s::jsonb || jsonb_build_object(
            'status', q.status, 'situation', (SELECT s.facts FROM told_situation s)
        ) AS data,
        l.seq AS cursor
    FROM queued q, logged l
),
-- include keep_outcome
SELECT
    o.data,
    m.ready,
    m.fair_tag,
    m.blockers,
    m.project_id,
    m.agent_name,
    CASE WHEN m.blockers = 0 THEN extract(EPOCH FROM m.run_after - now())::float8 END AS wait_s,
    o.cursor,
    (SELECT to_push.outbox FROM to_push) AS outbox
FROM queued m, outcome o
