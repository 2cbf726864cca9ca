-- The runtime took the attempt. The run may have reported in already; then only the reference is
-- added. Not while its session is being deleted: a delete must see the reference, or this no row.
WITH held AS MATERIALIZED (
    SELECT a.project_id, a.task_id, a.lease_epoch
    FROM task_attempts a
    JOIN tasks t ON t.project_id = a.project_id AND t.task_id = a.task_id
    WHERE a.attempt_id = %(attempt_id)s AND a.project_id = %(project_id)s
    FOR KEY SHARE OF t
)
UPDATE task_attempts a
SET
    status = CASE a.status WHEN 'launching' THEN 'launched' ELSE a.status END,
    runtime_ref = %(runtime_ref)s,
    launched_at = coalesce(a.launched_at, now())
FROM held h
WHERE a.project_id = h.project_id
    AND a.task_id = h.task_id
    AND a.lease_epoch = h.lease_epoch
    AND a.status IN ('launching', 'running')
