-- Store a memory as the next version of its key. No row: no such session, or a completed one.
-- A writer that waited for the session's lock has an old snapshot and may take a version that
-- exists: then memories_pkey refuses it and the store runs the statement again under the lock.
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
        -- Reads `replaced`, so that the old version ceases to be current before the new one is
        -- inserted.
        1 + coalesce(greatest((SELECT max(version) FROM replaced), (
            SELECT max(version)
            FROM memories
            WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND key = %(key)s
        )), 0),
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
    RETURNING
        event_no, event_name(event_id, created_at, event_no) AS event_id,
        project_id, session_id, seq, type, task_id, data,
        correlation_id, created_at
),
-- include publish_event,
outcome AS (
    SELECT
        jsonb_build_object('key', key, 'version', version, 'type', type, 'tags', tags) AS data,
        last_seq AS cursor
    FROM session, memory
),
-- include keep_outcome
SELECT outcome.data, outcome.cursor, to_push.outbox FROM outcome, to_push
