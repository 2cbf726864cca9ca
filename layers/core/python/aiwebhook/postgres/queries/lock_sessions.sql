-- Keep other writers out of these sessions; in one order everywhere, so that nobody deadlocks.
SELECT session_id
FROM sessions
WHERE project_id = %(project_id)s AND session_id = ANY(%(session_ids)s)
ORDER BY session_id
FOR NO KEY UPDATE
