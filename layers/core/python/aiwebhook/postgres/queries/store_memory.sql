-- Store a memory as the next version of its key. No row: no such session, or a completed one.
-- A writer that waited for the session's lock has an old snapshot and may take a version that exists:
-- then memories_pkey refuses it and the store runs the statement again under the lock.
WITH session AS (
    UPDATE sessions
    SET last_seq = last_seq + 1, last_activity_at = now()
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND status <> 'completed'
    RETURNING session_id, last_seq
), replaced AS (
    UPDATE memories AS m
    SET current = false
    FROM session AS s
    WHERE m.project_id = %(project_id)s
        AND m.session_id = s.session_id
        AND m.key = %(key)s
        AND m.current
    RETURNING m.version
), memory AS (
    INSERT INTO memories (project_id, session_id, key, version, type, content, tags, source)
    SELECT
        %(project_id)s, session_id, %(key)s,
        -- Reads `replaced`, so that the old version has stepped down before the new one comes.
        1 + coalesce((SELECT max(version) FROM replaced), 0),
        %(type)s, %(content)s::jsonb, %(tags)s, %(source)s::jsonb
    FROM session
    RETURNING key, version, type, tags
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, 'memory.stored',
        jsonb_build_object('key', key, 'version', version, 'type', memory.type, 'tags', tags),
        %(correlation_id)s
    FROM session, memory
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
        jsonb_build_object('key', key, 'version', version, 'type', type, 'tags', tags) AS data,
        last_seq AS cursor
    FROM session, memory
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
