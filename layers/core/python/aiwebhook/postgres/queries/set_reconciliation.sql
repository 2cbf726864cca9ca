-- Set how GitHub is asked for a source's deliveries that did not arrive. No row: the project has no
-- such GitHub source. For a new hook, the listing starts from the beginning.
WITH reconciliation AS (
    INSERT INTO reconciliations AS r (
        project_id, source_id, hook, hook_id, api_url, app_id, secret_box
    )
    SELECT
        %(project_id)s, %(source_id)s, %(hook)s, %(hook_id)s::text, %(api_url)s, %(app_id)s::text,
        %(secret_box)s
    WHERE %(built_in)s
        OR EXISTS (
            SELECT
            FROM sources s
            WHERE s.project_id = %(project_id)s
                AND s.source_id = %(source_id)s
                AND s.kind = 'github'
        )
    ON CONFLICT (project_id, source_id) DO UPDATE
        SET
            hook = excluded.hook,
            hook_id = excluded.hook_id,
            api_url = excluded.api_url,
            app_id = excluded.app_id,
            secret_box = excluded.secret_box,
            next_at = now(),
            leased_until = NULL,
            lease_epoch = r.lease_epoch + 1,
            checked_until = CASE
                WHEN (r.hook, r.api_url) = (excluded.hook, excluded.api_url) THEN r.checked_until
            END,
            listing_top = NULL,
            listing_floor = NULL,
            listing_cursor = NULL,
            failing_since = NULL,
            failure = NULL
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'reconciliation.set', source_id
    FROM reconciliation
),
-- include shown_reconciliation
SELECT * FROM shown_reconciliation
