-- Reconciliations as people see them: without what they log in with.
-- Needs  reconciliation: rows of reconciliations
-- Gives  shown_reconciliation
shown_reconciliation AS (
    SELECT
        r.source_id,
        r.hook,
        r.api_url,
        r.app_id,
        r.wanted,
        r.next_at,
        r.checked_until,
        r.passed_at,
        r.report,
        r.failing_since,
        r.failure,
        r.created_at,
        (
            SELECT count(*)
            FROM missed_deliveries m
            WHERE m.reconciliation_id = r.reconciliation_id
        ) AS missing,
        (
            SELECT count(*)
            FROM missed_deliveries m
            WHERE m.reconciliation_id = r.reconciliation_id AND m.next_at = 'infinity'
        ) AS refused
    FROM reconciliation r
)
