-- Find where every word occurs in the newest sessions of a project: titles, memories, conversation
-- and names of artifacts; newest first. Conversation in the object store is not searched. OFFSET 0
-- has each table read session by session: otherwise the planner joins whole tables, reading all
-- conversation, once the newest sessions are a few per cent of it.
WITH latest AS (
    SELECT session_id, title, context, participants, created_at
    FROM sessions
    WHERE project_id = %(project_id)s
    ORDER BY created_at DESC, session_id DESC
    LIMIT %(sessions)s
),
told AS (
    SELECT
        'session' AS kind,
        l.session_id,
        l.session_id AS name,
        concat_ws(
            ' ', l.title, l.context, array_to_string(l.participants, ' '), l.session_id
        ) AS text,
        l.created_at
    FROM latest AS l
    UNION ALL
    SELECT
        'memory',
        m.session_id,
        m.key,
        concat_ws(
            ' ',
            (
                SELECT string_agg(s.said #>> '{}', ' ')
                FROM jsonb_path_query(
                        m.content, 'strict $.** ? (@.type() == "string")'
                    ) AS s (said)
            ),
            array_to_string(m.tags, ' '), m.key
        ),
        m.created_at
    FROM latest AS l
    CROSS JOIN
        LATERAL (
            SELECT m.session_id, m.key, m.content, m.tags, m.created_at
            FROM memories AS m
            WHERE m.project_id = %(project_id)s AND m.session_id = l.session_id AND m.current
            OFFSET 0
        ) AS m
    UNION ALL
    SELECT 'conversation', c.session_id, c.chunk_id, c.content, c.created_at
    FROM latest AS l
    CROSS JOIN
        LATERAL (
            SELECT c.session_id, c.chunk_id, c.content, c.created_at
            FROM conversation_chunks AS c
            WHERE c.project_id = %(project_id)s
                AND c.session_id = l.session_id
                AND c.content IS NOT NULL
            OFFSET 0
        ) AS c
    UNION ALL
    SELECT 'artifact', a.session_id, a.artifact_id, a.name, a.created_at
    FROM latest AS l
    CROSS JOIN LATERAL (
        SELECT a.session_id, a.artifact_id, a.name, a.created_at
        FROM artifacts AS a
        WHERE a.project_id = %(project_id)s AND a.session_id = l.session_id
        OFFSET 0
    ) AS a
)
SELECT
    t.kind,
    t.session_id,
    t.name,
    t.created_at,
    substr(
        t.text, greatest(1, position(lower((%(words)s::text[])[1]) IN lower(t.text)) - 60), 240
    ) AS excerpt
FROM told AS t
WHERE NOT EXISTS (
        SELECT
        FROM unnest(%(words)s::text[]) AS word
        WHERE position(lower(word) IN lower(t.text)) = 0
    )
ORDER BY t.created_at DESC, t.kind, t.name
LIMIT %(limit)s
