-- The position up to which a subscription's receiver has received every event, or will not receive
-- it: before the oldest event that waits for it, and never past a transaction in flight. No row:
-- nothing waits.
WITH
-- include feed
SELECT
    least(e.xid, f.ends_at)::text AS xid,
    CASE WHEN e.xid < f.ends_at THEN e.event_no - 1 ELSE 0 END AS event_no
FROM deliveries d
CROSS JOIN feed f
JOIN events e
    ON e.event_no = d.event_no
    AND e.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
WHERE d.project_id = %(project_id)s
    AND d.endpoint_id = %(subscription_id)s
    AND d.status = 'pending'
ORDER BY e.xid, e.event_no
LIMIT 1
