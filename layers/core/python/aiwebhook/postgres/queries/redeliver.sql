-- Redeliver by hand, whatever the status, unless a sender is at work. The message id stays the
-- same, so that a receiver which already had it can deduplicate.
UPDATE deliveries
SET
    status = 'pending',
    attempts = 0,
    next_attempt_at = now(),
    leased_until = NULL,
    delivered_at = NULL
WHERE project_id = %(project_id)s
    AND delivery_id = %(delivery_id)s
    AND (leased_until IS NULL OR leased_until <= now())
RETURNING project_id, event_no
