-- Record which of the listed deliveries we do not have, and how many. A GUID identifies an event,
-- which several hooks may deliver: deliveries of another hook do not count. A tombstone counts as
-- missing.
-- `apply` false: only counts. Guard: this pass still has the lease.
WITH missed AS (
    SELECT r.reconciliation_id, l.guid, l.delivery_no, l.status_code, l.delivered_at
    FROM reconciliations r
    CROSS JOIN
        unnest(
            %(guids)s::text[], %(delivery_nos)s::bigint[], %(status_codes)s::integer[],
            %(delivered_ats)s::timestamptz[]
        ) AS l (guid, delivery_no, status_code, delivered_at)
    WHERE r.reconciliation_id = %(reconciliation_id)s
        AND r.lease_epoch = %(lease_epoch)s
        AND NOT EXISTS (
            SELECT
            FROM inbound_deliveries i
            WHERE i.project_id = r.project_id
                AND i.source = r.source_id
                AND (r.hook_id IS NULL OR i.hook_id IN ('', r.hook_id))
                AND i.guid = l.guid
                AND i.status <> 'too_large'
        )
),
noted AS (
    INSERT INTO missed_deliveries (
        reconciliation_id, guid, delivery_no, status_code, delivered_at
    )
    SELECT reconciliation_id, guid, delivery_no, status_code, delivered_at
    FROM missed
    WHERE %(apply)s
    ON CONFLICT DO NOTHING
    RETURNING guid
)
SELECT CASE
    WHEN %(apply)s THEN (SELECT count(*) FROM noted)
    ELSE (SELECT count(*) FROM missed)
END AS missed
