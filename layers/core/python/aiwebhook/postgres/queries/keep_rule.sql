-- Create a rule, or replace the one with its id. No row: the project already has as many as it may.
WITH rule AS (
    INSERT INTO rules AS r (
        project_id, rule_id, description, status, source, event, definition, per_hour, per_subject
    )
    SELECT
        %(project_id)s, %(rule_id)s, %(description)s::text, %(status)s::text, %(source)s::text,
        %(event)s::text, %(definition)s::jsonb, %(per_hour)s::integer, %(per_subject)s::integer
    WHERE (
        SELECT count(*)
        FROM rules o
        WHERE o.project_id = %(project_id)s AND o.rule_id <> %(rule_id)s
    ) < %(most_rules)s
    ON CONFLICT (project_id, rule_id) DO UPDATE
        SET
            description = excluded.description,
            status = excluded.status,
            source = excluded.source,
            event = excluded.event,
            definition = excluded.definition,
            per_hour = excluded.per_hour,
            per_subject = excluded.per_subject,
            changed_at = now()
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'rule.kept', rule_id
    FROM rule
),
-- include shown_rule
SELECT * FROM shown_rule
