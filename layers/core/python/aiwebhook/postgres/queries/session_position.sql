-- Where a reader of a session's events continues. No row: there never was such a session; a deleted
-- one leaves its last event. `truncated`: events after `after_seq` no longer exist, or a restore
-- cut off `after_seq`, which was then never given out here. Replies contain the session's own
-- last_seq, which after a restore is not that of an event, but one less than the next event's.
SELECT
    greatest(l.seq, s.last_seq) AS last_seq,
    %(after_seq)s::bigint < coalesce(f.seq, 0)
    OR %(after_seq)s::bigint > coalesce(f.seq, 0)
    AND coalesce(s.last_seq <> %(after_seq)s::bigint, true)
    AND NOT EXISTS (
        SELECT
        FROM events e
        WHERE e.project_id = %(project_id)s
            AND e.session_id = %(session_id)s
            AND e.seq IN (%(after_seq)s::bigint, %(after_seq)s::bigint + 1)
    ) AS truncated
FROM (
    SELECT seq
    FROM events
    WHERE project_id = %(project_id)s AND session_id = %(session_id)s
    ORDER BY seq DESC
    LIMIT 1
) l
LEFT JOIN sessions s ON s.project_id = %(project_id)s AND s.session_id = %(session_id)s
LEFT JOIN session_floors f ON f.project_id = s.project_id AND f.session_id = s.session_id
