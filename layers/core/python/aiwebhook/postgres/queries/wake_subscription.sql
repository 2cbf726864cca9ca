-- Make everything that waits for a subscription's receiver due at once, with its retries starting
-- over.
UPDATE deliveries
SET attempts = 0, next_attempt_at = now()
WHERE project_id = %(project_id)s
    AND endpoint_id = %(subscription_id)s
    AND status = 'pending'
    AND coalesce(leased_until <= now(), true)
RETURNING project_id, event_no
