-- The lease an attempt stands for, whatever has become of it since.
SELECT a.project_id, a.task_id, a.lease_epoch
FROM task_attempts a
WHERE a.attempt_id = %(attempt_id)s
