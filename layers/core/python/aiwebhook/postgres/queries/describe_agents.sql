-- The agents of a project: manifest, live status, and load, which is counted up to 1,000: beyond
-- that, callers only need to know "many".
SELECT
    a.agent_name,
    a.aliases,
    a.manifest ->> 'title' AS title,
    a.manifest ->> 'kind' AS kind,
    a.manifest ->> 'description' AS description,
    ARRAY(SELECT jsonb_array_elements_text(coalesce(a.manifest -> 'capabilities', '[]')))
        AS capabilities,
    a.status,
    a.status_reason,
    a.max_concurrent,
    (
        SELECT count(*)
        FROM tasks AS t
        WHERE t.project_id = a.project_id
            AND t.agent_name = a.agent_name
            AND t.phase = 1
    ) AS running,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM tasks AS t
            WHERE t.project_id = a.project_id AND t.agent_name = a.agent_name AND t.ready
            -- The conditions of tasks_ready; otherwise the planner reads the backlog of all agents.
            ORDER BY t.priority DESC, t.fair_tag, t.ready_seq
            LIMIT 1000
        ) AS waiting
    ) AS queued,
    (a.manifest ->> 'timeout_s')::integer AS timeout_s,
    (a.manifest ->> 'max_attempts')::integer AS max_attempts,
    (a.manifest ->> 'max_cost_usd')::float8 AS max_cost_usd,
    a.manifest -> 'input_schema' AS input_schema,
    a.manifest -> 'output_schema' AS output_schema
FROM agents AS a
WHERE a.project_id = %(project_id)s
ORDER BY a.agent_name
