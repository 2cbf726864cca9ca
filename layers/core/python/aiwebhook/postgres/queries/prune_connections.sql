-- Connections that nobody can use: the code was never exchanged, every token expired, or they
-- ended a month ago.
WITH dead AS (
    DELETE FROM connections
    WHERE ctid = ANY(ARRAY(
            SELECT c.ctid
            FROM connections AS c
            WHERE c.code_expires_at < now() - interval '1 hour'
                AND (
                    c.revoked_at < now() - interval '30 days'
                    OR NOT EXISTS (
                        SELECT FROM refresh_tokens AS t WHERE t.connection_id = c.connection_id
                    )
                )
            LIMIT %(limit)s
        ))
    RETURNING connection_id
)
DELETE FROM rate_buckets
USING dead
WHERE rate_buckets.key_id = dead.connection_id
