-- Create a session. No row: the id is taken.
WITH session AS (
    INSERT INTO sessions (
        project_id, session_id, title, participants, context, metadata, fingerprint, time_zone,
        last_seq
    )
    SELECT
        %(project_id)s, %(session_id)s, %(title)s, %(participants)s, %(context)s,
        %(metadata)s::jsonb, %(session_fingerprint)s, %(time_zone)s,
        -- A deleted session leaves its last event behind; a new one with its id continues its
        -- numbers.
        1 + greatest(pg_sequence_last_value('session_base'), (
            SELECT max(seq)
            FROM events
            WHERE project_id = %(project_id)s AND session_id = %(session_id)s
        ))
    ON CONFLICT DO NOTHING
    RETURNING session_id, title, status, created_at, last_seq
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, 'session.created',
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
