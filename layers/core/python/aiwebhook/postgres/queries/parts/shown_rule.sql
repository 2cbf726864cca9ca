-- Rules as their owners see them.
-- Needs  rule: rows of rules
-- Gives  shown_rule
shown_rule AS (
    SELECT
        rule_id,
        description,
        status,
        source,
        event,
        definition,
        per_hour,
        per_subject,
        created_at,
        changed_at
    FROM rule
)
