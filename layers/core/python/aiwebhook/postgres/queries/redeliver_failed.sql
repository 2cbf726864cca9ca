-- Redeliver by hand what was given up: the newest first, as many as fit into one request. As in
-- redeliver: not while a sender is at work, and the message ids stay the same.
WITH failed AS (
    SELECT f.delivery_id
    FROM deliveries AS f
    WHERE f.project_id = %(project_id)s
        AND f.status = 'dead'
        AND (f.leased_until IS NULL OR f.leased_until <= now())
        AND (%(endpoint_id)s::text IS NULL OR f.endpoint_id = %(endpoint_id)s)
        AND (%(since)s::timestamptz IS NULL OR f.created_at >= %(since)s)
    ORDER BY f.created_at DESC, f.delivery_id DESC
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE deliveries AS d
SET
    status = 'pending',
    attempts = 0,
    next_attempt_at = now(),
    leased_until = NULL,
    delivered_at = NULL
FROM failed AS f
WHERE d.delivery_id = f.delivery_id
RETURNING d.project_id, d.event_no
