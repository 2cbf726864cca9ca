-- The agents of a project, for the error about an unknown agent.
SELECT agent_name
FROM agents
WHERE project_id = %(project_id)s
ORDER BY agent_name
LIMIT 50
