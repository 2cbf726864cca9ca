-- The news for a reply that nobody counts, read ahead of what the command does, in the same
-- transaction; and what settle.sql would have to write down besides. Where that is nothing, it is
-- not run.
WITH read_sessions AS (
    SELECT s.session_id, s.last_seq, s.status
    FROM sessions s
    WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s::text
),
-- include reader_state,
-- include unacknowledged,
-- include news,
-- include remembered
SELECT
    (SELECT last_seq FROM read_sessions) AS last_seq,
    CASE WHEN t.last_seq < (SELECT max(w.seq) FROM unacknowledged w) THEN t.last_seq
        ELSE (SELECT last_seq FROM read_sessions)
    END AS cursor,
    t.updates,
    (SELECT count(*) FROM unacknowledged) AS waiting,
    coalesce((SELECT jsonb_agg(to_jsonb(l) ORDER BY l.event_no) FROM elsewhere l), '[]')
        AS elsewhere,
    (SELECT count(*) FROM unacknowledged_elsewhere) AS waiting_elsewhere,
    coalesce((SELECT r.known FROM reader r), false) AS known,
    coalesce((SELECT status = 'paused' FROM read_sessions), false) AS paused,
    (SELECT r.already FROM remembered r) AS remembered
FROM told t
