-- The runtime took the attempt. The run may have reported in already; then only the reference is
-- added.
UPDATE task_attempts
SET
    status = CASE status WHEN 'launching' THEN 'launched' ELSE status END,
    runtime_ref = %(runtime_ref)s,
    launched_at = coalesce(launched_at, now())
WHERE attempt_id = %(attempt_id)s
    AND project_id = %(project_id)s
    AND status IN ('launching', 'running')
