-- Have GitHub asked at the next tick; `dry_run`: only counted what is missing.
WITH reconciliation AS (
    UPDATE reconciliations
    SET wanted = %(wanted)s, next_at = least(next_at, now())
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'reconciliation.wanted', source_id
    FROM reconciliation
),
-- include shown_reconciliation
SELECT * FROM shown_reconciliation
