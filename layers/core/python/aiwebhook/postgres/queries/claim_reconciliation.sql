-- Claim the reconciliation that has been due for longest, for one pass. A pass that died frees it
-- when its lease ends; a pass that lost its lease changes nothing any more. Disabled sources are
-- not claimed.
WITH due AS (
    SELECT r.reconciliation_id
    FROM reconciliations r
    LEFT JOIN sources s ON s.source_id = r.source_id
    WHERE r.next_at <= now()
        AND (r.leased_until IS NULL OR r.leased_until <= now())
        AND coalesce(s.status, 'active') = 'active'
    ORDER BY r.next_at
    LIMIT 1
    FOR UPDATE OF r SKIP LOCKED
)
UPDATE reconciliations r
SET
    leased_until = now() + make_interval(secs => %(lease_s)s),
    lease_epoch = r.lease_epoch + 1
FROM due d
WHERE r.reconciliation_id = d.reconciliation_id
RETURNING
    r.reconciliation_id,
    r.lease_epoch,
    r.project_id,
    r.source_id,
    r.hook,
    r.api_url,
    r.app_id,
    r.secret_box,
    r.wanted,
    r.checked_until,
    r.listing_top,
    r.listing_floor,
    r.listing_cursor,
    r.failing_since
