-- Replace a project's retention rules for the kinds in `kinds`. A walk under way continues with the
-- new rule.
WITH kept AS (
    INSERT INTO retention_rules (project_id, kind, days)
    SELECT %(project_id)s, k.kind, k.days
    FROM unnest(%(kinds)s::text[], %(days)s::integer[]) AS k (kind, days)
    ON CONFLICT (project_id, kind) DO UPDATE SET days = excluded.days
)
INSERT INTO audit_log (project_id, actor, action, subject, data)
SELECT %(project_id)s, %(actor)s, 'retention.changed', %(project_id)s, %(data)s::jsonb
