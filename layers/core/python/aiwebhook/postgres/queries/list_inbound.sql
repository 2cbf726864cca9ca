-- Inbound deliveries of a project, newest first.
SELECT
    delivery_id,
    source,
    hook_id,
    guid,
    event_type AS event,
    action,
    repository,
    method,
    path,
    content_type,
    coalesce(size, length(body)) AS size,
    status,
    failure,
    conflict,
    verified_by,
    body_pruned,
    received_at
FROM inbound_deliveries
WHERE project_id = %(project_id)s
    AND (%(source)s::text IS NULL OR source = %(source)s)
    AND (%(event)s::text IS NULL OR event_type = %(event)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
    AND (%(repository)s::text IS NULL OR repository = %(repository)s)
    AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
    AND (
        %(after_time)s::timestamptz IS NULL
        OR (received_at, delivery_id) < (%(after_time)s, %(after_id)s)
    )
ORDER BY received_at DESC, delivery_id DESC
LIMIT %(limit)s
