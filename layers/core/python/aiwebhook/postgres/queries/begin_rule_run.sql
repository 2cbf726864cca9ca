-- Begin a run of a rule for a delivery, if both limits allow; a run that exists is returned as it
-- is. The rule is locked meanwhile (lock_rule.sql).
WITH recent AS (
    SELECT
        count(*) FILTER (WHERE began_at > now() - interval '1 hour') AS in_the_hour,
        count(*) FILTER (WHERE subject = %(subject)s) AS for_the_subject
    FROM rule_runs
    WHERE project_id = %(project_id)s
        AND rule_id = %(rule_id)s
        AND status IN ('begun', 'started')
        AND began_at > now() - interval '1 day'
),
limits AS (
    SELECT
        CASE
            WHEN c.in_the_hour >= r.per_hour THEN concat(r.per_hour, ' in this hour')
            WHEN c.for_the_subject >= r.per_subject
                THEN concat(r.per_subject, ' for this subject today')
        END AS reached
    FROM rules r
    CROSS JOIN recent c
    WHERE r.project_id = %(project_id)s AND r.rule_id = %(rule_id)s
),
begun AS (
    INSERT INTO rule_runs (
        project_id, rule_id, delivery_id, round, subject, status, reason, task_id
    )
    SELECT
        %(project_id)s, %(rule_id)s, %(delivery_id)s, %(round)s, %(subject)s,
        CASE WHEN reached IS NULL THEN 'begun' ELSE 'limited' END,
        reached,
        %(task_id)s
    FROM limits
    ON CONFLICT DO NOTHING
    RETURNING status, true AS fresh
)
SELECT status, fresh FROM begun
UNION ALL
SELECT status, false
FROM rule_runs
WHERE project_id = %(project_id)s
    AND delivery_id = %(delivery_id)s
    AND round = %(round)s
    AND rule_id = %(rule_id)s
