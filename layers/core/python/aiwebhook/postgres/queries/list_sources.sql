-- Sources of a project, newest first, or the one that is named.
SELECT
    source_id,
    kind,
    description,
    status,
    rules,
    secret_box IS NOT NULL AS has_secret,
    CASE WHEN previous_until > now() THEN previous_until END AS previous_secret_until,
    cidrs::text[] AS cidrs,
    max_bytes,
    rate_per_minute,
    burst,
    retention_days,
    created_at
FROM sources
WHERE project_id = %(project_id)s
    AND (%(source_id)s::text IS NULL OR source_id = %(source_id)s)
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (created_at, source_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY created_at DESC, source_id DESC
LIMIT %(limit)s
