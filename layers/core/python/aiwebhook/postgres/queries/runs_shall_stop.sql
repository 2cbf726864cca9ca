-- Of these leases, those still valid, and whether their runs must stop.
SELECT t.project_id, t.task_id, t.lease_epoch, t.cancel_requested
FROM unnest(%(project_ids)s::text[], %(task_ids)s::text[], %(lease_epochs)s::bigint[])
        AS b (project_id, task_id, lease_epoch)
JOIN tasks t
    ON t.project_id = b.project_id AND t.task_id = b.task_id AND t.lease_epoch = b.lease_epoch
WHERE t.status IN ('claimed', 'running')
