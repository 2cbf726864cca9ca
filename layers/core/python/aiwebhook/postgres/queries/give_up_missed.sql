-- What GitHub no longer has: older than it keeps deliveries, or the one that it says is gone.
DELETE FROM missed_deliveries
WHERE reconciliation_id = %(reconciliation_id)s
    AND (delivered_at < %(floor)s OR guid = %(guid)s)
