-- The news for one reader: of the session it uses, and in short of the others.
-- Needs  reader(...) of reader_state; unacknowledged, unacknowledged_elsewhere
--        parameters project_id, principal, reported_task and reported_status, limit,
--        elsewhere_limit, most_times
-- Gives  shown, told: one row; elsewhere
-- `reported`: the reply itself says of this task what the news says.
shown AS MATERIALIZED (
    SELECT
        e.seq,
        e.event_no,
        event_name(e.event_id, e.created_at, e.event_no) AS event_id,
        e.type,
        e.created_at,
        e.task_id,
        e.data,
        coalesce((r.told ->> e.seq::text)::integer, 0) + 1 AS times,
        coalesce(
            e.task_id = %(reported_task)s::text AND e.type = 'task.' || %(reported_status)s::text,
            false
        ) AS reported
    FROM reader r
    CROSS JOIN
        LATERAL (
            SELECT w.seq
            FROM unacknowledged w
            WHERE w.seq > r.spent_seq
            ORDER BY w.seq
            LIMIT %(limit)s
        ) w
    JOIN events e
        ON e.project_id = %(project_id)s AND e.session_id = r.session_id AND e.seq = w.seq
),
told AS MATERIALIZED (
    SELECT
        count(*) AS number,
        max(seq) AS last_seq,
        max(seq) FILTER (WHERE times >= %(most_times)s) AS spent_seq,
        coalesce(jsonb_object_agg(seq, times) FILTER (WHERE times < %(most_times)s), '{}') AS told,
        coalesce(jsonb_agg(to_jsonb(t) ORDER BY seq) FILTER (WHERE NOT reported), '[]') AS updates,
        count(*) FILTER (WHERE reported) AS reported
    FROM shown t
),
elsewhere AS MATERIALIZED (
    SELECT
        e.event_no,
        event_name(e.event_id, e.created_at, e.event_no) AS event_id,
        e.type,
        e.created_at,
        e.session_id,
        e.seq,
        s.title,
        e.task_id,
        e.data,
        coalesce((k.told ->> e.seq::text)::integer, 0) + 1 AS times
    FROM (
        SELECT w.event_no
        FROM unacknowledged_elsewhere w
        WHERE NOT w.spent
        ORDER BY w.event_no
        LIMIT %(elsewhere_limit)s
    ) w
    -- One by one: the planner cannot know how few they are, and would walk the whole index.
    CROSS JOIN
        LATERAL (
            SELECT n.*
            FROM events n
            WHERE n.event_no = w.event_no
                AND n.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
            LIMIT 1
        ) e
    JOIN sessions s ON s.project_id = e.project_id AND s.session_id = e.session_id
    LEFT JOIN readers k
        ON k.project_id = e.project_id
        AND k.session_id = e.session_id
        AND k.principal = %(principal)s
        AND k.reader = ''
)
