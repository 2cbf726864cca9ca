-- The place up to which a subscription's receiver has had everything or will not get it: before the
-- oldest event that waits for it. No row: nothing waits.
SELECT
    e.xid::text AS xid,
    e.event_no - 1 AS event_no
FROM deliveries d
JOIN events e ON e.event_no = d.event_no
WHERE d.project_id = %(project_id)s
    AND d.endpoint_id = %(subscription_id)s
    AND d.status = 'pending'
ORDER BY e.xid, e.event_no
LIMIT 1
