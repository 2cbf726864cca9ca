-- The next missing delivery to request: the one that GitHub forgets first. It counts as requested
-- before GitHub is asked, so that a pass that dies requests nothing twice. A delivery that our own
-- endpoint refused (4xx, except for temporary refusals or its size) will be refused again until a
-- person changes something: it is no longer due after `refused_asks`. The status is that of the
-- first attempt. Guard: this pass has the lease.
WITH due AS (
    SELECT m.reconciliation_id, m.guid, r.project_id, r.source_id, r.hook_id
    FROM missed_deliveries m
    JOIN reconciliations r ON r.reconciliation_id = m.reconciliation_id
    WHERE m.reconciliation_id = %(reconciliation_id)s
        AND r.lease_epoch = %(lease_epoch)s
        AND m.next_at <= now()
    ORDER BY m.delivered_at
    LIMIT 1
    FOR UPDATE OF m
)
UPDATE missed_deliveries m
SET
    tries = m.tries + 1,
    next_at = CASE
        WHEN m.tries + 1 >= %(refused_asks)s
            AND m.status_code BETWEEN 400 AND 499
            AND m.status_code NOT IN (408, 413, 429)
            THEN 'infinity'
        ELSE now() + make_interval(
                secs => least(
                    %(longest_s)s::double precision, %(wait_s)s * 3.0 ^ least(m.tries, 20)
                )
            )
    END
FROM due d
WHERE m.reconciliation_id = d.reconciliation_id AND m.guid = d.guid
RETURNING
    m.guid,
    m.delivery_no,
    m.status_code,
    m.tries,
    EXISTS (
        SELECT
        FROM inbound_deliveries i
        WHERE i.project_id = d.project_id
            AND i.source = d.source_id
            AND (d.hook_id IS NULL OR i.hook_id IN ('', d.hook_id))
            AND i.guid = m.guid
            AND i.status = 'too_large'
    ) AS too_large
