-- Rules of a project by id; or the one named, or those in force for an event.
WITH rule AS (
    SELECT *
    FROM rules
    WHERE project_id = %(project_id)s
        AND (%(rule_id)s::text IS NULL OR rule_id = %(rule_id)s)
        AND (
            %(source)s::text IS NULL
            OR (
                source = %(source)s
                AND status = 'active'
                AND (event IS NULL OR event = %(event)s::text)
            )
        )
),
-- include shown_rule
SELECT * FROM shown_rule
ORDER BY rule_id
