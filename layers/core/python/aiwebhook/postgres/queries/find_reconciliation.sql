-- The reconciliation of a source, and its results.
WITH reconciliation AS (
    SELECT *
    FROM reconciliations
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
),
-- include shown_reconciliation
SELECT * FROM shown_reconciliation
