-- Delete a source; its deliveries stay as long as the project keeps them.
WITH source AS (
    DELETE FROM sources
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
    RETURNING project_id, source_id
),
reconciliation AS (
    DELETE FROM reconciliations r
    USING source s
    WHERE r.project_id = s.project_id AND r.source_id = s.source_id
)
INSERT INTO audit_log (project_id, actor, action, subject)
SELECT project_id, %(actor)s, 'source.deleted', source_id
FROM source
