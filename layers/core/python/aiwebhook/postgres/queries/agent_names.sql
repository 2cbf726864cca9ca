-- Which agents a project has, for those who ask for one that there is not.
SELECT agent_name
FROM agents
WHERE project_id = %(project_id)s
ORDER BY agent_name
LIMIT 50
