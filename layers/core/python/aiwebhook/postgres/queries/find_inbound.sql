-- One inbound delivery, with its headers and its bytes.
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
    received_at,
    headers,
    body,
    body_sha256
FROM inbound_deliveries
WHERE project_id = %(project_id)s AND delivery_id = %(delivery_id)s
