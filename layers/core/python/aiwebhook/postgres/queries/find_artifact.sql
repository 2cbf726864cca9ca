-- One artifact, with its content or the content's digest.
SELECT
    artifact_id,
    session_id,
    task_id,
    name,
    type,
    format,
    content,
    content_sha256,
    size,
    content_type,
    metadata,
    created_at
FROM artifacts
WHERE project_id = %(project_id)s AND artifact_id = %(artifact_id)s
