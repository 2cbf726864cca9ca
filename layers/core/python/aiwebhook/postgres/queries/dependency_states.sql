-- Why delegate_task refused: the status of each dependency named, null for an unknown one.
SELECT d.task_id, t.status
FROM unnest(%(depends_on)s::text[]) AS d (task_id)
LEFT JOIN tasks t ON t.project_id = %(project_id)s AND t.task_id = d.task_id
