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
        content, content_sha256, size, metadata
    )
    SELECT
        %(project_id)s, %(artifact_id)s, session_id, %(task_id)s, %(name)s, %(type)s, %(format)s,
        %(content)s, %(content_sha256)s, %(size)s, %(metadata)s::jsonb
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
    RETURNING event_no, event_id, project_id, session_id, seq, type, task_id, data,
        correlation_id, created_at
), callback AS (
    INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url)
    SELECT e.project_id, e.event_no, e.type, p.endpoint_id, p.url
    FROM event AS e
    JOIN endpoints AS p ON p.project_id = e.project_id
    WHERE p.status = 'active' AND (p.event_types = '{}' OR e.type = ANY(p.event_types))
), publication AS (
    INSERT INTO outbox (project_id, kind, event_no)
    SELECT project_id, 'publish', event_no
    FROM event
    RETURNING outbox_id
), outcome AS (
    SELECT
        jsonb_build_object(
            'artifact_id', artifact_id, 'name', name, 'type', type, 'format', format, 'size', size
        ) AS data,
        last_seq AS cursor
    FROM session, artifact
), kept AS (
    INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome)
    SELECT
        %(project_id)s, %(idempotency_key)s, %(fingerprint)s, %(request_id)s,
        jsonb_build_object('session_id', %(session_id)s::text, 'data', data, 'cursor', cursor)
    FROM outcome
    WHERE %(idempotency_key)s::text IS NOT NULL
)
SELECT
    outcome.data,
    outcome.cursor,
    jsonb_build_array(jsonb_build_object(
        'outbox_id', publication.outbox_id,
        'project_id', event.project_id,
        'kind', 'publish',
        'event', to_jsonb(event)
    )) AS outbox
FROM outcome, publication, event
