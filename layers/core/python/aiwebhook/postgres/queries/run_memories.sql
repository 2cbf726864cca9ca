-- The memories of a running task's session: current versions, oldest first.
SELECT m.key, m.type, m.content, m.tags, m.version, m.source
FROM tasks t
JOIN memories m ON m.project_id = t.project_id AND m.session_id = t.session_id AND m.current
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
ORDER BY m.created_at, m.key
LIMIT %(limit)s
