-- How GitHub is asked about a source, and what came of it.
WITH reconciliation AS (
    SELECT *
    FROM reconciliations
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
),
-- include shown_reconciliation
SELECT * FROM shown_reconciliation
