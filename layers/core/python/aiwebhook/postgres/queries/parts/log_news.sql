-- Numbers and writes the events of a change, its callbacks and its outbox rows.
-- Needs  new_events(project_id, session_id, place, type, task_id, data, correlation_id)
--        place: the order within a session
--        woken_agents(project_id, agent_name, kind): agents whose dispatcher is to look for tasks;
--        kind `wake`: one is ready; `room`: one is to be rung if a task is ready after the commit
--        parameter published: event types that go to SNS and to callback endpoints
-- Gives  logged: the event rows
--        to_push(outbox): the outbox rows as JSON, to be pushed after the commit
-- Lock order everywhere: tasks, attempts, then sessions, each in key order; so two changes never
-- deadlock.
numbered AS (
    SELECT
        n.*,
        row_number() OVER (PARTITION BY n.project_id, n.session_id ORDER BY n.place) AS nth
    FROM new_events n
),
told_sessions AS MATERIALIZED (
    SELECT project_id, session_id, count(*) AS event_count
    FROM new_events
    GROUP BY project_id, session_id
),
-- Several sessions are locked in key order; a single one is locked by its update.
locked_sessions AS MATERIALIZED (
    SELECT s.session_id
    FROM sessions s
    JOIN told_sessions c ON c.project_id = s.project_id AND c.session_id = s.session_id
    WHERE (SELECT count(*) FROM told_sessions) > 1
        AND sought(s.last_seq)
    ORDER BY s.project_id, s.session_id
    FOR NO KEY UPDATE OF s
),
advanced AS (
    UPDATE sessions s
    SET last_seq = s.last_seq + k.event_count, last_activity_at = now()
    FROM told_sessions k
    WHERE s.project_id = k.project_id
        AND s.session_id = k.session_id
        AND sought(s.last_seq)
        -- Always true, but only evaluated once all are locked.
        AND (SELECT count(*) FROM locked_sessions) >= 0
    RETURNING s.project_id, s.session_id, s.last_seq - k.event_count AS seq_before
),
logged AS (
    INSERT INTO events (project_id, session_id, seq, type, task_id, data, correlation_id)
    SELECT
        n.project_id,
        n.session_id,
        a.seq_before + n.nth,
        n.type,
        n.task_id,
        n.data,
        -- Only what is published needs it; the other events of a run have it in their task.
        CASE WHEN n.type = ANY(%(published)s::text[]) THEN n.correlation_id END
    FROM numbered n
    JOIN advanced a ON a.project_id = n.project_id AND a.session_id = n.session_id
    ORDER BY n.project_id, n.session_id, n.nth
    RETURNING
        event_no,
        event_name(event_id, created_at, event_no) AS event_id,
        project_id,
        session_id,
        seq,
        type,
        task_id,
        data,
        correlation_id,
        created_at
),
new_callbacks AS (
    INSERT INTO deliveries (project_id, event_no, event_type, task_id, endpoint_id, url, status)
    SELECT
        l.project_id, l.event_no, l.type, l.task_id, e.endpoint_id, e.url,
        CASE e.status WHEN 'active' THEN 'pending' ELSE 'held' END
    FROM logged l
    JOIN endpoints e ON e.project_id = l.project_id
    WHERE l.type = ANY(%(published)s::text[])
        AND (e.event_types = '{}' OR l.type = ANY(e.event_types))
        AND (
            e.subscription_id IS NULL
            OR is_followed(e.subscription_id, l.session_id, l.task_id, l.data)
        )
    UNION ALL
    SELECT l.project_id, l.event_no, l.type, l.task_id, NULL, p.callback_url, 'pending'
    FROM logged l
    JOIN task_payloads p ON p.project_id = l.project_id AND p.task_id = l.task_id
    WHERE l.type IN ('task.completed', 'task.failed', 'task.cancelled')
        AND p.callback_url IS NOT NULL
),
outbox_rows AS (
    INSERT INTO outbox (project_id, kind, event_no)
    SELECT l.project_id, 'publish', l.event_no
    FROM logged l
    WHERE l.type = ANY(%(published)s::text[])
    RETURNING outbox_id, event_no
),
-- A wake-up has no row: if it is lost, the reaper rings for whatever is ready then.
to_push AS (
    SELECT coalesce(jsonb_agg(p.row ORDER BY p.outbox_id), '[]') AS outbox
    FROM (
        SELECT
            o.outbox_id,
            jsonb_build_object(
                'outbox_id', o.outbox_id, 'project_id', l.project_id, 'kind', 'publish',
                'destination', NULL, 'event', to_jsonb(l)
            ) AS row
        FROM outbox_rows o
        JOIN logged l ON l.event_no = o.event_no
        UNION ALL
        SELECT
            NULL,
            jsonb_build_object(
                'outbox_id', NULL, 'project_id', w.project_id, 'kind', w.kind,
                'destination', w.agent_name
            )
        FROM woken_agents w
    ) p
)
