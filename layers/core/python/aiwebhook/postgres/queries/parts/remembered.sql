-- Whether this connection used the session before; true, too, where it has no name.
-- Needs  parameters project_id, session_id, connection
-- Gives  remembered(already): one row
remembered AS (
    SELECT
        %(connection)s::text IS NULL OR EXISTS (
            SELECT
            FROM last_sessions l
            WHERE l.project_id = %(project_id)s
                AND l.connection = %(connection)s
                AND l.session_id = %(session_id)s::text
        ) AS already
)
