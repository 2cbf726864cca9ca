-- Due now, with a fresh ladder. Guard: no sender is at work on it, and its endpoint is active.
UPDATE deliveries
SET status = 'pending', attempts = 0, next_attempt_at = now(), delivered_at = NULL
WHERE project_id = %(project_id)s
    AND delivery_id = %(delivery_id)s
    AND (leased_until IS NULL OR leased_until <= now())
    AND NOT EXISTS (
        SELECT FROM endpoints
        WHERE endpoints.endpoint_id = deliveries.endpoint_id AND endpoints.status <> 'active'
    )
RETURNING delivery_id, event_no
