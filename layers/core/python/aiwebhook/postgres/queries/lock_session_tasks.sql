-- Lock the tasks of a session that is about to be deleted. Everything locks tasks before sessions:
-- a delete that began with the session would wait for a claim that waits for the session.
SELECT task_id
FROM tasks
WHERE project_id = %(project_id)s AND session_id = %(session_id)s
ORDER BY task_id
FOR UPDATE
