-- Move a channel past a delivery; with a failure, record the delivery as skipped. Guard: the epoch.
-- No row: another client has held the channel since.
WITH moved AS (
    UPDATE channels
    SET
        after_xid = %(after_xid)s::text::xid8,
        after_no = %(after_no)s,
        moved_at = now()
    WHERE project_id = %(project_id)s
        AND channel = %(channel)s
        AND lease_epoch = %(lease_epoch)s
    RETURNING project_id
),
noted AS (
    UPDATE inbound_deliveries d
    SET status = 'failed', failure = %(failure)s
    FROM moved m
    WHERE d.project_id = m.project_id
        AND d.delivery_id = %(delivery_id)s
        AND d.status = 'received'
        AND %(failure)s::text IS NOT NULL
)
SELECT project_id FROM moved
