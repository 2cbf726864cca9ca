-- Connections of a project that were used, newest first.
WITH connection AS (
    SELECT c.*
    FROM connections AS c
    WHERE c.project_id = %(project_id)s AND c.code_used_at IS NOT NULL
    ORDER BY c.created_at DESC, c.connection_id DESC
    LIMIT 500
),
-- include shown_connections
SELECT s.* FROM shown_connections AS s
ORDER BY s.created_at DESC, s.connection_id DESC
