-- Issue a pair of tokens of a connection, for its code or for one of its refresh tokens, which is
-- marked as used. No row: the connection has ended.
WITH connection AS (
    UPDATE connections
    SET code_used_at = coalesce(code_used_at, now())
    WHERE connection_id = %(connection_id)s AND revoked_at IS NULL
    RETURNING connection_id
), used AS (
    UPDATE refresh_tokens AS t
    SET used_at = coalesce(t.used_at, clock_timestamp()), successors = t.successors + 1
    FROM connection AS c
    WHERE t.token_hash = %(replaces)s AND t.connection_id = c.connection_id
), refresh AS (
    INSERT INTO refresh_tokens (token_hash, connection_id, expires_at)
    SELECT %(refresh_hash)s, connection_id, now() + make_interval(secs => %(refresh_s)s)
    FROM connection
)
INSERT INTO access_tokens (token_hash, connection_id, expires_at)
SELECT %(access_hash)s, connection_id, now() + make_interval(secs => %(access_s)s)
FROM connection
RETURNING connection_id
