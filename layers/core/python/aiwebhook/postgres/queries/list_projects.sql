-- All projects, newest first, after the keyset of the page before.
SELECT project_id, name, created_at
FROM projects
WHERE
    %(after_time)s::timestamptz IS NULL
    OR (created_at, project_id) < (%(after_time)s, %(after_id)s)
ORDER BY created_at DESC, project_id DESC
LIMIT %(limit)s
