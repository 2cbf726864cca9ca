-- News of all sessions that no conversation of a principal has acknowledged, oldest first, however
-- often it was reported. The index has news reported five times after all other, so the page is
-- merged from both.
WITH page AS MATERIALIZED (
    SELECT
        e.event_no,
        event_name(e.event_id, e.created_at, e.event_no) AS event_id,
        e.type,
        e.created_at,
        e.session_id,
        s.title,
        e.task_id,
        e.data,
        CASE WHEN o.spent THEN %(most_times)s
            ELSE coalesce((k.told ->> e.seq::text)::integer, 0)
        END AS times
    FROM (
        SELECT b.event_no, part.spent
        FROM (VALUES (false), (true)) AS part (spent)
        CROSS JOIN
            LATERAL (
                SELECT i.event_no
                FROM unacknowledged_news i
                WHERE i.project_id = %(project_id)s
                    AND i.spent = part.spent
                    AND i.event_no > %(after_no)s::bigint
                ORDER BY i.event_no
                LIMIT %(limit)s
            ) b
        ORDER BY b.event_no
        LIMIT %(limit)s
    ) o
    -- One by one: the planner cannot know how few they are, and would walk the whole index.
    CROSS JOIN
        LATERAL (
            SELECT n.*
            FROM events n
            WHERE n.event_no = o.event_no
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
SELECT
    coalesce((SELECT jsonb_agg(to_jsonb(p) ORDER BY p.event_no) FROM page p), '[]') AS news,
    NULL::bigint AS last_seq,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM unacknowledged_news i
            WHERE i.project_id = %(project_id)s
            LIMIT %(count_limit)s
        ) c
    ) AS total,
    coalesce((
        SELECT sum(f.unacknowledged)::bigint
        FROM session_floors f
        WHERE f.project_id = %(project_id)s
    ), 0) AS pruned
