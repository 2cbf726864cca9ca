-- For the reaper: retries of the long steps, and whatever lost its message. The five seconds keep
-- it off rows whose first message is on its way.
SELECT DISTINCT project_id, event_no
FROM (
    SELECT project_id, event_no
    FROM deliveries
    WHERE status = 'pending'
        AND next_attempt_at < now() - interval '5 seconds'
        AND (leased_until IS NULL OR leased_until <= now())
    ORDER BY next_attempt_at
    LIMIT %(limit)s
) AS longest_due
