-- Agents with what their manifests promise, their live status and load.
SELECT
    agents.agent_name, agents.status, agents.status_since, agents.status_reason,
    agents.aliases, agents.max_concurrent,
    agents.manifest ->> 'title' AS title,
    agents.manifest ->> 'kind' AS kind,
    agents.manifest ->> 'description' AS description,
    agents.manifest ->> 'model' AS model,
    coalesce(agents.manifest -> 'runs_on', '[]') AS runs_on,
    agents.manifest ->> 'tools' AS tools,
    agents.manifest -> 'max_turns' AS max_turns,
    agents.manifest -> 'max_cost_usd' AS max_cost_usd,
    agents.manifest -> 'timeout_s' AS timeout_s,
    agents.manifest -> 'max_attempts' AS max_attempts,
    agents.manifest -> 'compute' AS compute,
    coalesce(agents.manifest -> 'secrets', '[]') AS secrets,
    coalesce(agents.manifest -> 'capabilities', '[]') AS capabilities,
    agents.manifest -> 'input_schema' AS input_schema,
    agents.manifest -> 'output_schema' AS output_schema,
    (
        SELECT count(*) FROM workers
        WHERE workers.project_id = agents.project_id
            AND agents.agent_name = ANY(workers.agents)
            AND workers.status <> 'offline'
    ) AS workers,
    (
        SELECT count(*) FROM tasks
        WHERE tasks.project_id = agents.project_id AND tasks.agent_name = agents.agent_name
            AND tasks.phase = 1
    ) AS running,
    -- Bounded: callers only need to know "many", and an exact count would read every waiting row.
    (
        SELECT count(*) FROM (
            SELECT FROM tasks
            WHERE tasks.project_id = agents.project_id AND tasks.agent_name = agents.agent_name
                AND tasks.ready
            -- The conditions of tasks_ready; otherwise the planner reads the backlog of all agents.
            ORDER BY tasks.priority DESC, tasks.fair_tag, tasks.ready_seq
            LIMIT 1000
        ) AS waiting
    ) AS queued
FROM agents
WHERE agents.project_id = %(project_id)s
ORDER BY agents.agent_name
