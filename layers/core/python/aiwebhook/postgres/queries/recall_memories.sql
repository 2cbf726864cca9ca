-- Memories of the newest sessions in which any of the words occurs, the best match first, then the
-- newest. No words: all of them.
WITH latest AS (
    SELECT session_id
    FROM sessions
    WHERE project_id = %(project_id)s
    ORDER BY created_at DESC, session_id DESC
    LIMIT %(sessions)s
),

found AS (
    SELECT
        m.key, m.type, m.content, m.tags, m.version, m.source, m.created_at,
        (
            SELECT count(*)
            FROM unnest(%(words)s::text[]) AS word
            WHERE position(
                    word
                    IN lower(concat_ws(
                        ' ', m.key, array_to_string(m.tags, ' '),
                        CASE jsonb_typeof(m.content)
                            WHEN 'string' THEN m.content #>> '{}' ELSE m.content::text
                        END
                    ))
                ) > 0
        ) AS hits
    FROM latest
    JOIN memories AS m ON m.project_id = %(project_id)s AND m.session_id = latest.session_id
    WHERE m.current AND (%(type)s::text IS NULL OR m.type = %(type)s)
)

SELECT key, type, content, tags, version, source, created_at
FROM found
WHERE hits > 0 OR cardinality(%(words)s::text[]) = 0
ORDER BY hits DESC, created_at DESC
LIMIT %(limit)s
