-- News of a session that a reader has not acknowledged, oldest first, however often it was
-- reported. No row: no such session.
WITH read_sessions AS (
    SELECT s.session_id, s.last_seq
    FROM sessions s
    WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s
),
-- include reader_state,
page AS MATERIALIZED (
    SELECT n.*
    FROM reader r
    CROSS JOIN LATERAL (
        SELECT
            event_name(e.event_id, e.created_at, e.event_no) AS event_id,
            e.seq,
            e.type,
            e.created_at,
            e.task_id,
            e.data,
            CASE WHEN e.seq <= r.spent_seq THEN %(most_times)s
                ELSE coalesce((r.told ->> e.seq::text)::integer, 0)
            END AS times
        FROM events e
        WHERE e.project_id = %(project_id)s
            AND e.session_id = r.session_id
            AND e.seq > greatest(r.acked_seq, %(after_seq)s::bigint)
            AND e.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
            AND e.seq <> ALL(r.acked_seqs)
        ORDER BY e.seq
        LIMIT %(limit)s
    ) n
)
SELECT
    coalesce((SELECT jsonb_agg(to_jsonb(p) ORDER BY p.seq) FROM page p), '[]') AS news,
    r.last_seq,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM events e
            WHERE e.project_id = %(project_id)s
                AND e.session_id = r.session_id
                AND e.seq > r.acked_seq
                AND e.type IN (
                    'task.input_required', 'task.completed', 'task.failed', 'task.cancelled'
                )
                AND e.seq <> ALL(r.acked_seqs)
            LIMIT %(count_limit)s
        ) c
    ) AS total,
    coalesce((
        SELECT f.unacknowledged
        FROM session_floors f
        WHERE f.project_id = %(project_id)s AND f.session_id = r.session_id
    ), 0) AS pruned
FROM reader r
