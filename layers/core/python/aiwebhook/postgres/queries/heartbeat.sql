-- Extends one or many leases of one process. Only lease_until changes, which no index holds: the
-- update stays HOT.
UPDATE tasks t
SET lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s)
FROM unnest(%(project_ids)s::text[], %(task_ids)s::text[], %(lease_epochs)s::bigint[])
        AS b (project_id, task_id, lease_epoch)
WHERE t.project_id = b.project_id
    AND t.task_id = b.task_id
    AND t.lease_epoch = b.lease_epoch
    AND t.status = 'running'
RETURNING t.project_id, t.task_id, t.lease_epoch, t.cancel_requested, t.lease_until
