-- The audit log of a project, newest first. `action` is an action, or the beginning of several.
SELECT audit_no, created_at, actor, action, subject, data
FROM audit_log
WHERE project_id = %(project_id)s
    AND (%(actor)s::text IS NULL OR actor = %(actor)s)
    AND (%(subject)s::text IS NULL OR subject = %(subject)s)
    AND (%(action)s::text IS NULL OR starts_with(action, %(action)s))
    AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (created_at, audit_no) < (%(after_time)s, %(after_id)s::text::bigint)
    )
ORDER BY created_at DESC, audit_no DESC
LIMIT %(limit)s
