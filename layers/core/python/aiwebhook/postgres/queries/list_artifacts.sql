-- Artifacts, newest first, without their content.
SELECT
    artifact_id, session_id, task_id, name, type, format, size, content_type, metadata, created_at
FROM artifacts
WHERE project_id = %(project_id)s
    AND (%(session_id)s::text IS NULL OR session_id = %(session_id)s)
    AND (%(type)s::text IS NULL OR type = %(type)s)
    AND (%(task_id)s::text IS NULL OR task_id = %(task_id)s)
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (created_at, artifact_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY created_at DESC, artifact_id DESC
LIMIT %(limit)s
