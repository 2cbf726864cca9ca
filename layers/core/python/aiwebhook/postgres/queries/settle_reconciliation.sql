-- End a pass: what it did, and when the next one is due. Guard: it still has the lease.
UPDATE reconciliations
SET
    leased_until = NULL,
    next_at = now() + make_interval(secs => %(wait_s)s),
    wanted = CASE WHEN wanted IS NOT DISTINCT FROM %(wanted)s::text THEN NULL ELSE wanted END,
    passed_at = now(),
    report = %(report)s,
    failing_since = CASE
        WHEN %(failure)s::text IS NOT NULL THEN coalesce(failing_since, now())
    END,
    failure = %(failure)s,
    listing_cursor = CASE WHEN %(restart)s THEN NULL ELSE listing_cursor END
WHERE reconciliation_id = %(reconciliation_id)s AND lease_epoch = %(lease_epoch)s
