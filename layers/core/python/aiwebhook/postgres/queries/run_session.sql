-- The session of a running task, for its run.
SELECT
    s.session_id, s.title, s.participants, s.context, s.metadata, s.status, s.created_at,
    s.time_zone
FROM tasks t
JOIN sessions s ON s.project_id = t.project_id AND s.session_id = t.session_id
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
