-- Callback endpoints of a project, newest first.
SELECT
    endpoint_id, url, description, event_types, payload, status, disabled_reason, secret_version,
    previous_secret_until, failures, breaker_open_until, created_at
FROM endpoints
WHERE project_id = %(project_id)s
    AND subscription_id IS NULL
    AND (%(endpoint_id)s::text IS NULL OR endpoint_id = %(endpoint_id)s)
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (created_at, endpoint_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY created_at DESC, endpoint_id DESC
LIMIT %(limit)s
