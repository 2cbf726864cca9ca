-- The live status of agents: those that run on connected workers are offline without one; all are
-- busy at their cap. Going offline and coming back are events of the project (they belong to no
-- session). Null project: all of them.
WITH observed AS (
    SELECT
        a.project_id,
        a.agent_name,
        a.status,
        a.manifest ->> 'kind' = 'worker' AND NOT EXISTS (
            SELECT FROM workers w
            WHERE w.project_id = a.project_id
                AND a.agent_name = ANY(w.agents)
                AND w.status <> 'offline'
        ) AS deserted,
        a.max_concurrent <= (
            SELECT count(*)
            FROM tasks t
            WHERE t.project_id = a.project_id
                AND t.agent_name = a.agent_name
                AND t.phase = 1
        ) AS full_up
    FROM agents a
    WHERE a.status <> 'error'
        AND (a.project_id = %(project_id)s::text OR %(project_id)s::text IS NULL)
),
changed AS (
    UPDATE agents a
    SET
        status
        = CASE WHEN o.deserted THEN 'offline' WHEN o.full_up THEN 'busy' ELSE 'available' END,
        status_since = now(),
        status_reason = CASE WHEN o.deserted THEN 'no worker is connected' END
    FROM observed o
    WHERE a.project_id = o.project_id
        AND a.agent_name = o.agent_name
        AND a.status = o.status
        AND a.status
        <> CASE WHEN o.deserted THEN 'offline' WHEN o.full_up THEN 'busy' ELSE 'available' END
    RETURNING a.project_id, a.agent_name, a.status, a.status_reason, o.status AS status_before
),
logged AS (
    INSERT INTO events (project_id, type, data)
    SELECT
        c.project_id,
        CASE c.status WHEN 'offline' THEN 'agent.offline' ELSE 'agent.online' END,
        jsonb_strip_nulls(jsonb_build_object('agent_name', c.agent_name, 'reason', c.status_reason))
    FROM changed c
    WHERE 'offline' IN (c.status, c.status_before)
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
    INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url, status)
    SELECT
        l.project_id, l.event_no, l.type, e.endpoint_id, e.url,
        CASE e.status WHEN 'active' THEN 'pending' ELSE 'held' END
    FROM logged l
    JOIN endpoints e ON e.project_id = l.project_id
    WHERE (e.event_types = '{}' OR l.type = ANY(e.event_types))
        AND e.subscription_id IS NULL  -- nobody can subscribe to these
),
outbox_rows AS (
    INSERT INTO outbox (project_id, kind, event_no)
    SELECT l.project_id, 'publish', l.event_no FROM logged l
    RETURNING outbox_id, project_id, kind, destination, event_no
)
SELECT
    (SELECT count(*) FROM changed WHERE status = 'offline') AS went_offline,
    (SELECT count(*) FROM changed WHERE status_before = 'offline') AS came_back,
    coalesce((
        SELECT jsonb_agg(to_jsonb(o) || jsonb_build_object('event', to_jsonb(l)))
        FROM outbox_rows o
        JOIN logged l ON l.event_no = o.event_no
    ), '[]') AS outbox
