-- Deliveries, of any project, whose rules no process is evaluating. Each is claimed for a while,
-- which grows with its failures.
WITH due AS (
    SELECT delivery_id, round
    FROM rule_evaluations
    WHERE due_at <= now()
    ORDER BY due_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE rule_evaluations e
SET
    tries = e.tries + 1,
    due_at = now() + make_interval(secs => least(3600, 60 * 2 ^ least(e.tries, 10)))
FROM due d
WHERE e.delivery_id = d.delivery_id AND e.round = d.round
RETURNING e.project_id, e.delivery_id, e.round, e.correlation_id, e.tries
