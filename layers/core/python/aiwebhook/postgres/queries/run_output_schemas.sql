-- The output_schema of these runs' agents; a lost lease has no row.
SELECT
    t.project_id,
    t.task_id,
    t.lease_epoch,
    coalesce(g.manifest -> 'output_schema', '{}') AS output_schema
FROM unnest(%(project_ids)s::text[], %(task_ids)s::text[], %(lease_epochs)s::bigint[])
        AS b (project_id, task_id, lease_epoch)
JOIN tasks t
    ON t.project_id = b.project_id AND t.task_id = b.task_id AND t.lease_epoch = b.lease_epoch
JOIN agents g ON g.project_id = t.project_id AND g.agent_name = t.agent_name
WHERE t.status = 'running'
