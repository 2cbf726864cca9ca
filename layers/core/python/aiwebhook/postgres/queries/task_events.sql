-- The newest events of a task, oldest of them first. `seq` is the order within the session.
SELECT e.seq, e.type, e.created_at, e.data
FROM (
    SELECT seq, type, created_at, data
    FROM events
    WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND task_id = %(task_id)s
    ORDER BY seq DESC
    LIMIT %(limit)s
) AS e
ORDER BY e.seq
