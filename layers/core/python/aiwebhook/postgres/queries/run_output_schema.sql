-- What the agent of a run promises of its output; no row: the lease is lost.
SELECT coalesce(g.manifest -> 'output_schema', '{}') AS output_schema
FROM tasks t
JOIN agents g ON g.project_id = t.project_id AND g.agent_name = t.agent_name
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
