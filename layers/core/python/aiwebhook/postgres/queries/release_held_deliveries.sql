-- Runs after an endpoint was enabled: its held deliveries start over with their retries, oldest
-- first.
UPDATE deliveries
SET status = 'pending', attempts = 0, next_attempt_at = now()
WHERE project_id = %(project_id)s
    AND endpoint_id = %(endpoint_id)s
    AND status = 'held'
RETURNING project_id, event_no
