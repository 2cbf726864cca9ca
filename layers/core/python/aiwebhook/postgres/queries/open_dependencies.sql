-- Ended tasks whose dependants were not resolved: the process died between the two statements.
SELECT DISTINCT d.project_id, d.depends_on AS task_id
FROM task_dependencies d
JOIN tasks t ON t.project_id = d.project_id AND t.task_id = d.task_id AND t.status = 'pending'
JOIN tasks e ON e.project_id = d.project_id AND e.task_id = d.depends_on
WHERE NOT d.resolved AND e.status IN ('completed', 'failed', 'cancelled')
LIMIT %(limit)s
