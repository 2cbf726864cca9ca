-- An artifact of a run. Its id comes from task and name: sending it again replaces it, the same
-- bytes change nothing.
WITH held AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.session_id, p.correlation_id
    FROM tasks t
    JOIN task_payloads p ON p.project_id = t.project_id AND p.task_id = t.task_id
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = 'running'
    FOR NO KEY UPDATE OF t
),
stored AS (
    INSERT INTO artifacts AS a (
        project_id, artifact_id, session_id, task_id, name, type, format, content, content_sha256,
        size, metadata, content_type
    )
    SELECT
        h.project_id, %(artifact_id)s, h.session_id, h.task_id, %(name)s, %(type)s, %(format)s,
        %(content)s, %(content_sha256)s::bytea, %(size)s::bigint, %(metadata)s::jsonb,
        %(content_type)s
    FROM held h
    ON CONFLICT (project_id, artifact_id) DO UPDATE
        SET
            type = excluded.type,
            format = excluded.format,
            content = excluded.content,
            content_sha256 = excluded.content_sha256,
            size = excluded.size,
            metadata = excluded.metadata,
            content_type = excluded.content_type
        WHERE (a.type, a.format, a.content, a.content_sha256, a.metadata, a.content_type)
        IS DISTINCT FROM (
            excluded.type, excluded.format, excluded.content, excluded.content_sha256,
            excluded.metadata, excluded.content_type
        )
    RETURNING project_id, artifact_id, session_id, task_id, name, type, format, size
),
new_events AS (
    SELECT
        s.project_id,
        s.session_id,
        1 AS place,
        'artifact.created' AS type,
        s.task_id,
        jsonb_strip_nulls(jsonb_build_object(
            'artifact_id', s.artifact_id, 'name', s.name, 'type', s.type, 'format', s.format,
            'size', s.size
        )) AS data,
        h.correlation_id
    FROM stored s, held h
),
woken_agents AS (
    SELECT NULL::text AS project_id, NULL::text AS agent_name, 'wake' AS kind WHERE false
),
-- include log_news
SELECT h.task_id, (SELECT to_push.outbox FROM to_push) AS outbox FROM held h
