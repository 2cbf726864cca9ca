-- One agent of the project, by its name or an alias; a name takes precedence over an alias.
SELECT agent_name, manifest, max_concurrent, status, status_reason
FROM agents
WHERE project_id = %(project_id)s
    AND (agent_name = %(agent_name)s OR %(agent_name)s = ANY(aliases))
ORDER BY agent_name <> %(agent_name)s
LIMIT 1
