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
)
SELECT
    c.connection_id,
    c.person_id,
    p.name AS person,
    c.client_id,
    c.client_name,
    c.client_host,
    c.scopes,
    b.refilled_at AS last_used_at,
    (SELECT max(t.expires_at) FROM refresh_tokens AS t WHERE t.connection_id = c.connection_id
    ) AS expires_at,
    c.revoked_at,
    c.revoked_reason,
    c.created_at
FROM connection AS c
JOIN people AS p ON p.person_id = c.person_id
LEFT JOIN rate_buckets AS b ON b.key_id = c.connection_id
