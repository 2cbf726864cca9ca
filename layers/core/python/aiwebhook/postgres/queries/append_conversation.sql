-- Append a piece of conversation. No row: no such session, a completed one, or the chunk id is
-- taken.
WITH session AS (
    UPDATE sessions
    SET last_seq = last_seq + 1, last_activity_at = now()
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND status <> 'completed'
        AND NOT EXISTS (
            SELECT
            FROM conversation_chunks
            WHERE project_id = %(project_id)s
                AND session_id = %(session_id)s
                AND chunk_id = %(chunk_id)s
        )
    RETURNING session_id, last_seq
), outcome AS (
    INSERT INTO conversation_chunks (
        project_id, session_id, chunk_id, seq, content, content_sha256, size, format,
        start_time, start_offset_s, end_time, participants, extracted_items, metadata
    )
    SELECT
        %(project_id)s, session_id, %(chunk_id)s, last_seq, %(content)s, %(content_sha256)s,
        %(size)s, %(format)s, %(start_time)s, %(start_offset_s)s, %(end_time)s, %(participants)s,
        %(extracted_items)s::jsonb, %(metadata)s::jsonb
    FROM session
    RETURNING
        jsonb_build_object('chunk_id', chunk_id, 'size', size, 'format', format) AS data,
        seq AS cursor
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s, %(session_id)s, cursor, 'conversation.appended', data, %(correlation_id)s
    FROM outcome
),
-- include keep_outcome
SELECT data, cursor, '[]'::jsonb AS outbox FROM outcome
