-- Have GitHub asked at the next tick, even for what it refused so often that it was no longer due;
-- `dry_run`: only count what is missing.
WITH reconciliation AS (
    UPDATE reconciliations
    SET wanted = %(wanted)s, next_at = least(next_at, now())
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
    RETURNING *
),
anew AS (
    UPDATE missed_deliveries m
    SET tries = 0, next_at = now()
    FROM reconciliation r
    WHERE m.reconciliation_id = r.reconciliation_id
        AND m.next_at = 'infinity'
        AND r.wanted = 'pass'
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'reconciliation.wanted', source_id
    FROM reconciliation
),
-- include shown_reconciliation
SELECT * FROM shown_reconciliation
