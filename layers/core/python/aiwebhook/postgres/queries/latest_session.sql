-- The session that a connection used last; if it used none, the one with the latest activity. A
-- session whose id is `latest` takes precedence over both.
SELECT s.session_id, s.title, s.status, l.connection IS NOT NULL AS used
FROM sessions AS s
LEFT JOIN last_sessions AS l
    ON l.project_id = s.project_id
    AND l.session_id = s.session_id
    AND l.connection = %(connection)s
WHERE s.project_id = %(project_id)s
ORDER BY s.session_id <> 'latest', l.connection IS NULL, s.last_activity_at DESC
LIMIT 1
