-- Delete the reconciliation of a source.
WITH reconciliation AS (
    DELETE FROM reconciliations
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
    RETURNING project_id, source_id
)
INSERT INTO audit_log (project_id, actor, action, subject)
SELECT project_id, %(actor)s, 'reconciliation.deleted', source_id
FROM reconciliation
