-- The model usage of a project's runs: in all (`whole`), and by day (UTC), agent, session or
-- delegating caller; days newest first, everything else most expensive first. A run counts at the
-- time it was claimed; as far back as attempts are kept.
WITH used AS (
    SELECT
        CASE %(by)s
            WHEN 'day' THEN to_char(a.claimed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            WHEN 'agent' THEN a.agent_name
            WHEN 'session' THEN p.session_id
            WHEN 'key' THEN p.delegated_with
        END AS name,
        a.task_id,
        a.usage
    FROM task_attempts AS a
    LEFT JOIN task_payloads AS p ON p.project_id = a.project_id AND p.task_id = a.task_id
    WHERE a.project_id = %(project_id)s
        AND a.usage IS NOT NULL
        AND a.claimed_at >= %(since)s
        AND (%(until)s::timestamptz IS NULL OR a.claimed_at < %(until)s)
),
counted AS (
    SELECT
        u.name,
        grouping(u.name) = 1 AS whole,
        count(DISTINCT u.task_id) AS tasks,
        count(*) AS runs
    FROM used AS u
    GROUP BY GROUPING SETS ((u.name), ())
),
figures AS (
    SELECT f.name, f.whole, jsonb_object_agg(f.figure, f.total) AS usage
    FROM (
        SELECT
            u.name,
            grouping(u.name) = 1 AS whole,
            each.key AS figure,
            sum(each.value::numeric) AS total
        FROM used AS u
        CROSS JOIN LATERAL jsonb_each(u.usage) AS each
        WHERE jsonb_typeof(each.value) = 'number'
        GROUP BY GROUPING SETS ((u.name, each.key), (each.key))
    ) AS f
    GROUP BY f.name, f.whole
)
SELECT c.name, c.whole, c.tasks, c.runs, f.usage
FROM counted AS c
LEFT JOIN figures AS f ON f.whole = c.whole AND f.name IS NOT DISTINCT FROM c.name
ORDER BY
    c.whole DESC,
    CASE WHEN %(by)s = 'day' THEN c.name END DESC,
    (f.usage ->> 'cost_usd')::numeric DESC NULLS LAST,
    c.runs DESC,
    c.name
LIMIT %(limit)s
