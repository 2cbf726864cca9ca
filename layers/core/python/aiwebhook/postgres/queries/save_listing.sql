-- Save the position of the listing after a page; at its end (no cursor), everything before its top
-- is checked. Guard: this pass still has the lease.
UPDATE reconciliations
SET
    listing_top = CASE WHEN %(cursor)s::text IS NOT NULL THEN %(top)s::timestamptz END,
    listing_floor = CASE WHEN %(cursor)s::text IS NOT NULL THEN %(floor)s::timestamptz END,
    listing_cursor = %(cursor)s,
    checked_until = CASE
        WHEN %(cursor)s::text IS NULL THEN %(top)s::timestamptz
        ELSE checked_until
    END
WHERE reconciliation_id = %(reconciliation_id)s AND lease_epoch = %(lease_epoch)s
