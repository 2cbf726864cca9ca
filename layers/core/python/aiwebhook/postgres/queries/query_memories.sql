-- Current memories that match, newest first: all tags must be present and every word must occur.
SELECT key, type, content, tags, version, source, created_at
FROM memories AS m
WHERE project_id = %(project_id)s
    AND session_id = %(session_id)s
    AND current
    AND (%(type)s::text IS NULL OR type = %(type)s)
    AND tags @> %(tags)s
    AND NOT EXISTS (
        SELECT
        FROM unnest(%(words)s::text[]) AS word
        WHERE position(
                lower(word)
                IN lower(concat_ws(
                    ' ', m.key, array_to_string(m.tags, ' '),
                    CASE jsonb_typeof(m.content)
                        WHEN 'string' THEN m.content #>> '{}' ELSE m.content::text
                    END
                ))
            ) = 0
    )
    AND (
        %(after_time)s::timestamptz IS NULL OR (created_at, key) < (%(after_time)s, %(after_id)s)
    )
ORDER BY created_at DESC, key DESC
LIMIT %(limit)s
