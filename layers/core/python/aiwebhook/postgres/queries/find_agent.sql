-- One agent of the project.
SELECT agent_name, manifest, max_concurrent, status
FROM agents
WHERE project_id = %(project_id)s AND agent_name = %(agent_name)s
