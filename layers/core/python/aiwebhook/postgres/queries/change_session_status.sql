-- Set a session's status, if the current one allows it. No row: no such session, or another status.
WITH session AS (
    UPDATE sessions
    SET
        status = %(status)s,
        completed_at = CASE WHEN %(status)s = 'completed' THEN now() END,
        last_seq = last_seq + 1,
        last_activity_at = now()
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND status = ANY(%(allowed)s)
    RETURNING session_id, title, status, last_seq
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, %(event_type)s,
        jsonb_build_object('title', title), %(correlation_id)s
    FROM session
), outcome AS (
    SELECT
        jsonb_build_object('status', status, 'title', title) AS data,
        last_seq AS cursor
    FROM session
),
-- include keep_outcome
SELECT data, cursor, '[]'::jsonb AS outbox FROM outcome
