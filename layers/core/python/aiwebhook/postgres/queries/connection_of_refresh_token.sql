-- The connection of a refresh token, both locked: of two concurrent refreshes the second sees the
-- first.
SELECT
    c.connection_id,
    c.client_id,
    c.scopes,
    c.resource,
    t.expires_at <= now() AS expired,
    c.revoked_at IS NOT NULL AS revoked,
    extract(EPOCH FROM clock_timestamp() - t.used_at)::float8 AS used_s_ago,
    t.successors
FROM refresh_tokens AS t
JOIN connections AS c ON c.connection_id = t.connection_id
WHERE t.token_hash = %(token_hash)s
FOR UPDATE
