-- The position before the first delivery received at or after that time. No row: none was.
-- The log is walked back from its end, so the cost is that of what follows the position, which is
-- read next, and not of what precedes it. Its order is nearly that of its times: an hour covers how
-- long transactions last, and how far the clock of a standby may be behind.
WITH before AS MATERIALIZED (
    SELECT
        e.xid,
        e.event_no
    FROM events e
    WHERE e.project_id = %(project_id)s
        AND e.created_at < %(since)s::timestamptz - interval '1 hour'
    ORDER BY e.xid DESC, e.event_no DESC
    LIMIT 1
)
SELECT
    e.xid::text AS xid,
    e.event_no - 1 AS event_no
FROM events e
WHERE e.project_id = %(project_id)s
    AND (e.xid, e.event_no) > (
        coalesce((SELECT b.xid FROM before b), '0'::xid8),
        coalesce((SELECT b.event_no FROM before b), 0)
    )
    AND e.type = 'delivery.received'
    AND e.created_at >= %(since)s
ORDER BY e.xid, e.event_no
LIMIT 1
