-- End a connection at once; the first time it leaves an audit entry. No row: no such connection.
WITH present AS (
    SELECT connection_id, revoked_at
    FROM connections
    WHERE project_id = %(project_id)s AND connection_id = %(connection_id)s
    FOR UPDATE
), connection AS (
    UPDATE connections AS c
    SET
        revoked_at = coalesce(c.revoked_at, now()),
        revoked_reason = coalesce(c.revoked_reason, 'revoked')
    FROM present AS p
    WHERE c.connection_id = p.connection_id
    RETURNING c.*, p.revoked_at IS NULL AS newly
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT
        project_id,
        %(actor)s,
        'connection.revoked',
        connection_id,
        jsonb_build_object('client', client_name)
    FROM connection
    WHERE newly
),
-- include shown_connections
SELECT s.* FROM shown_connections AS s
