-- Delete a rule; the tasks it started continue, and stay listed as long as their deliveries are
-- kept.
WITH rule AS (
    DELETE FROM rules
    WHERE project_id = %(project_id)s AND rule_id = %(rule_id)s
    RETURNING project_id, rule_id
)
INSERT INTO audit_log (project_id, actor, action, subject)
SELECT project_id, %(actor)s, 'rule.deleted', rule_id
FROM rule
