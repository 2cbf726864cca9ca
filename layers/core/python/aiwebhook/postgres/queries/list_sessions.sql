-- Sessions, newest first, after the keyset of the page before.
SELECT session_id, title, participants, status, created_at, last_activity_at
FROM sessions
WHERE project_id = %(project_id)s
    AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (
        %(search)s::text IS NULL
        OR position(
            lower(%(search)s)
            IN lower(concat_ws(' ', session_id, title, context, array_to_string(participants, ' ')))
        ) > 0
    )
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (created_at, session_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY created_at DESC, session_id DESC
LIMIT %(limit)s
