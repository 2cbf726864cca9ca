-- Give up deliveries about task news that a tool has just reported to this connection, as far as
-- they wait for a chat that is not interrupted while it is in use. The news stays in `updates`
-- until it is acknowledged.
UPDATE deliveries d
SET
    status = 'dead',
    next_attempt_at = NULL,
    log = d.log || jsonb_build_array(jsonb_build_object(
        'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'error', 'a tool has told it meanwhile'
    ))
FROM event_subscriptions s
JOIN
    unnest(%(task_ids)s::text[], %(types)s::text[]) AS told (task_id, event_type)
    ON true
WHERE s.project_id = %(project_id)s
    AND %(connection)s::text IN (s.principal, s.key_id)
    AND s.quiet
    AND d.project_id = %(project_id)s
    AND d.endpoint_id = s.subscription_id
    AND d.task_id = told.task_id
    AND d.event_type = told.event_type
    AND d.status = 'pending'
    AND coalesce(d.leased_until <= now(), true)
RETURNING d.delivery_id
