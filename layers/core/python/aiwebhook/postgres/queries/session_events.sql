-- Events of a session in their order. `seq` is gap-free under the session's lock, so nothing can
-- appear before what a reader has seen.
SELECT
    event_no,
    event_name(event_id, created_at, event_no) AS event_id,
    type,
    created_at,
    project_id,
    session_id,
    seq,
    task_id,
    data
FROM events
WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND seq > %(after_seq)s
ORDER BY seq
LIMIT %(limit)s
