-- Add an artifact. No row: no such session, a completed one, no such task, or the id is taken.
WITH session AS (
    UPDATE sessions
    SET last_seq = last_seq + 1, last_activity_at = now()
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND status <> 'completed'
        AND NOT EXISTS (
            SELECT
            FROM artifacts
            WHERE project_id = %(project_id)s AND artifact_id = %(artifact_id)s
        )
        AND (
            %(task_id)s::text IS NULL
            OR EXISTS (
                SELECT FROM tasks WHERE project_id = %(project_id)s AND task_id = %(task_id)s
            )
        )
    RETURNING session_id, last_seq
), artifact AS (
    INSERT INTO artifacts (
        project_id, artifact_id, session_id, task_id, name, type, format,
        content, content_sha256, size, metadata, content_type
    )
    SELECT
        %(project_id)s, %(artifact_id)s, session_id, %(task_id)s, %(name)s, %(type)s, %(format)s,
        %(content)s, %(content_sha256)s, %(size)s, %(metadata)s::jsonb, %(content_type)s
    FROM session
    RETURNING artifact_id, task_id, name, type, format, size
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, task_id, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, 'artifact.created', task_id,
        jsonb_build_object(
            'artifact_id', artifact_id, 'name', name, 'type', artifact.type,
            'format', format, 'size', size
        ),
        %(correlation_id)s
    FROM session, artifact
    RETURNING
        event_no, event_name(event_id, created_at, event_no) AS event_id,
        project_id, session_id, seq, type, task_id, data,
        correlation_id, created_at
),
-- include publish_event,
outcome AS (
    SELECT
        jsonb_build_object(
            'artifact_id', artifact_id, 'name', name, 'type', type, 'format', format, 'size', size
        ) AS data,
        last_seq AS cursor
    FROM session, artifact
),
-- include keep_outcome
SELECT outcome.data, outcome.cursor, to_push.outbox FROM outcome, to_push
