-- Whether the session exists.
SELECT session_id FROM sessions WHERE project_id = %(project_id)s AND session_id = %(session_id)s
