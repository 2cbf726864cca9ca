-- End a connection whose code or refresh token was used twice, with all its tokens and an audit
-- entry.
WITH connection AS (
    UPDATE connections
    SET revoked_at = now(), revoked_reason = %(reason)s
    WHERE connection_id = %(connection_id)s AND revoked_at IS NULL
    RETURNING project_id, connection_id
)
INSERT INTO audit_log (project_id, actor, action, subject, data)
SELECT
    project_id,
    'oauth',
    'connection.ended',
    connection_id,
    jsonb_build_object('reason', %(reason)s::text)
FROM connection
