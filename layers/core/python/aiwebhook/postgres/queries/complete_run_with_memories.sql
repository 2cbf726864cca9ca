-- complete_runs for one run that stores or removes memories: they are written in the same commit. A
-- memory with the content its key already has changes nothing; other content is a new version.
WITH
-- include succeeded,
-- include settle_ended,
reported_memories AS (
    SELECT
        e.project_id,
        e.session_id,
        e.task_id,
        e.correlation_id,
        (m.item ->> 'key') AS key,
        (m.item ->> 'type') AS type,
        m.item -> 'content' AS content,
        ARRAY(SELECT jsonb_array_elements_text(coalesce(m.item -> 'tags', '[]'))) AS tags,
        coalesce(nullif(m.item -> 'source', 'null'), '{}')
        || jsonb_build_object('task_id', e.task_id)
            AS source,
        m.place
    FROM ended e, jsonb_array_elements(%(memories)s::jsonb) WITH ORDINALITY AS m (item, place)
),
new_versions AS (
    SELECT l.*, coalesce(v.version, 0) + 1 AS version
    FROM reported_memories l
    LEFT JOIN LATERAL (
        SELECT o.version, o.current, o.type, o.content
        FROM memories o
        WHERE o.project_id = l.project_id AND o.session_id = l.session_id AND o.key = l.key
        ORDER BY o.version DESC
        LIMIT 1
    ) v ON true
    WHERE v.version IS NULL OR NOT v.current OR v.type <> l.type OR v.content <> l.content
),
old_versions AS (
    UPDATE memories o
    SET current = false
    FROM (
        SELECT c.project_id, c.session_id, c.key, NULL::bigint AS forgotten FROM new_versions c
        UNION ALL
        SELECT e.project_id, e.session_id, f.key, f.place
        FROM ended e, unnest(%(forget)s::text[]) WITH ORDINALITY AS f (key, place)
        WHERE f.key NOT IN (SELECT l.key FROM reported_memories l)
    ) d
    WHERE o.project_id = d.project_id
        AND o.session_id = d.session_id
        AND o.key = d.key
        AND o.current
    RETURNING o.project_id, o.session_id, o.key, o.type, d.forgotten
),
stored AS (
    INSERT INTO memories (project_id, session_id, key, version, type, content, tags, source)
    SELECT c.project_id, c.session_id, c.key, c.version, c.type, c.content, c.tags, c.source
    FROM new_versions c
    -- the old version must cease to be current before the new one is inserted
    WHERE (SELECT count(*) FROM old_versions) >= 0
    RETURNING key
),
new_events AS (
    SELECT * FROM task_news
    UNION ALL
    SELECT
        c.project_id, c.session_id, c.place, 'memory.stored', c.task_id,
        jsonb_build_object('key', c.key, 'type', c.type, 'version', c.version, 'tags', c.tags),
        c.correlation_id
    FROM new_versions c
    JOIN stored s ON s.key = c.key
    UNION ALL
    SELECT
        r.project_id, r.session_id, 500000 + r.forgotten, 'memory.forgotten', e.task_id,
        jsonb_build_object('key', r.key, 'type', r.type), e.correlation_id
    FROM old_versions r, ended e
    WHERE r.forgotten IS NOT NULL
),
woken_agents AS (
    SELECT f.project_id, f.agent_name, 'room' AS kind FROM freed f
),
-- include log_news
SELECT
    e.project_id,
    e.task_id,
    e.lease_epoch,
    e.status,
    e.run_after,
    e.has_dependants,
    (SELECT count(*) FROM stored) AS memories_stored,
    (SELECT to_push.outbox FROM to_push) AS outbox
FROM ended e
