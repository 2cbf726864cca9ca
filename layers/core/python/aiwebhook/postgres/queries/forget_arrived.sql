-- Remove missed deliveries that have arrived since.
DELETE FROM missed_deliveries m
USING reconciliations r
WHERE r.reconciliation_id = %(reconciliation_id)s
    AND m.reconciliation_id = r.reconciliation_id
    AND EXISTS (
        SELECT
        FROM inbound_deliveries i
        WHERE i.project_id = r.project_id
            AND i.source = r.source_id
            AND (r.hook_id IS NULL OR i.hook_id IN ('', r.hook_id))
            AND i.guid = m.guid
            AND i.status <> 'too_large'
    )
