-- The last `seq` of a session, deleted ones included; no row: there never was such a session.
SELECT seq
FROM events
WHERE project_id = %(project_id)s AND session_id = %(session_id)s
ORDER BY seq DESC
LIMIT 1
