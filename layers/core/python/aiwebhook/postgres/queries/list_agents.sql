-- Agents with their live status and load.
SELECT
    agents.agent_name, agents.status, agents.status_since, agents.status_reason,
    agents.max_concurrent, agents.manifest ->> 'description' AS description,
    coalesce(agents.manifest -> 'capabilities', '[]') AS capabilities,
    agents.manifest -> 'input_schema' AS input_schema,
    (
        SELECT count(*) FROM tasks
        WHERE tasks.project_id = agents.project_id AND tasks.agent_name = agents.agent_name
            AND tasks.status IN ('claimed', 'running')
            AND NOT tasks.ready
    ) AS running,
    -- Bounded: a caller wants to know "many", and an exact count would read every waiting row.
    (
        SELECT count(*) FROM (
            SELECT FROM tasks
            WHERE tasks.project_id = agents.project_id AND tasks.agent_name = agents.agent_name
                AND tasks.ready
            LIMIT 1000
        ) AS waiting
    ) AS queued
FROM agents
WHERE agents.project_id = %(project_id)s
ORDER BY agents.agent_name
