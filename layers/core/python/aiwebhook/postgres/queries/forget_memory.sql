-- Remove all versions of a memory. No row: no such session or memory.
-- Runs after lock_sessions in one transaction, so that nobody removes the same memory twice.
-- A completed session allows it: its owner may remove memories at any time.
WITH session AS (
    UPDATE sessions
    SET last_seq = last_seq + 1, last_activity_at = now()
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND EXISTS (
            SELECT
            FROM memories
            WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND key = %(key)s
        )
    RETURNING session_id, last_seq
), forgotten AS (
    DELETE FROM memories AS m
    USING session AS s
    WHERE m.project_id = %(project_id)s AND m.session_id = s.session_id AND m.key = %(key)s
    RETURNING m.version
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, 'memory.forgotten',
        jsonb_build_object('key', %(key)s::text), %(correlation_id)s
    FROM session
), outcome AS (
    SELECT
        jsonb_build_object(
            'key', %(key)s::text,
            'versions', (SELECT count(*) FROM forgotten),
            'forgotten', true
        ) AS data,
        last_seq AS cursor
    FROM session
),
-- include keep_outcome
SELECT data, cursor, '[]'::jsonb AS outbox FROM outcome
