-- The place before the first delivery that came in at that time or later. No row: none did.
SELECT e.xid::text AS xid, e.event_no - 1 AS event_no
FROM events e
WHERE e.project_id = %(project_id)s
    AND e.type = 'delivery.received'
    AND e.created_at >= %(since)s
ORDER BY e.xid, e.event_no
LIMIT 1
