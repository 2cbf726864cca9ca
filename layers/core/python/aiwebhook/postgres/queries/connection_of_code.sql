-- The connection of an authorization code, locked: of two concurrent exchanges the second sees the
-- first.
SELECT
    connection_id,
    client_id,
    scopes,
    resource,
    redirect_uri,
    code_challenge,
    code_used_at IS NOT NULL AS used,
    code_expires_at <= now() AS expired,
    revoked_at IS NOT NULL AS revoked
FROM connections
WHERE code_hash = %(code_hash)s
FOR UPDATE
