-- Whether the run of this lease shall stop; no row: the lease is lost.
SELECT cancel_requested
FROM tasks
WHERE project_id = %(project_id)s
    AND task_id = %(task_id)s
    AND lease_epoch = %(lease_epoch)s
    AND status IN ('claimed', 'running')
