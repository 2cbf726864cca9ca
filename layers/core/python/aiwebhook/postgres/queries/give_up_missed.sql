-- Give up missed deliveries that GitHub no longer has: those older than it keeps them, and the one
-- it reports as gone.
DELETE FROM missed_deliveries
WHERE reconciliation_id = %(reconciliation_id)s
    AND (delivered_at < %(floor)s OR guid = %(guid)s)
