-- Sources of a project, newest first, or the one named.
WITH source AS (
    SELECT *
    FROM sources
    WHERE project_id = %(project_id)s
        AND (%(source_id)s::text IS NULL OR source_id = %(source_id)s)
        AND (
            %(after_time)s::timestamptz IS NULL
            OR (created_at, source_id) < (%(after_time)s, %(after_id)s)
        )
    ORDER BY created_at DESC, source_id DESC
    LIMIT %(limit)s
),
-- include shown_source
SELECT * FROM shown_source ORDER BY created_at DESC, source_id DESC
