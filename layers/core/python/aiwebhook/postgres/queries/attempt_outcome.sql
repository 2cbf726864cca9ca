-- The outcome of an attempt, for a report that is repeated because its answer was lost.
SELECT
    a.status AS attempt_status,
    a.led_to AS status,
    a.error ->> 'error_class' AS error_class
FROM task_attempts a
WHERE a.project_id = %(project_id)s
    AND a.task_id = %(task_id)s
    AND a.lease_epoch = %(lease_epoch)s
    AND a.finished_at IS NOT NULL
