-- Check an access token again that this process has checked before, as recheck_key.sql does an API
-- key: the same of its connection.
WITH taken AS (
    UPDATE rate_leases l
    SET tokens = l.tokens - 1, used_at = now()
    FROM access_tokens a
    JOIN connections c ON c.connection_id = a.connection_id
    LEFT JOIN rate_buckets b ON b.key_id = c.connection_id
    WHERE a.token_hash = %(key_hash)s
        AND a.expires_at > now()
        AND c.connection_id = %(key_id)s
        AND c.project_id = %(project_id)s
        AND c.scopes = string_to_array(%(scope)s, ' ')
        AND c.revoked_at IS NULL
        AND l.key_id = c.connection_id
        AND l.process = %(process)s
        AND l.tokens >= 1
    RETURNING
        l.tokens AS leased,
        least(
            %(connection_burst)s,
            l.tokens + b.tokens
            + greatest(0, extract(EPOCH FROM now() - b.refilled_at)) * %(connection_rate)s / 60
        )::float8 AS tokens
)
SELECT
    CASE WHEN t.leased IS NULL THEN 'stale key check' ELSE 'true' END::boolean AS good,
    %(connection_rate)s::integer AS rate_per_minute,
    %(connection_burst)s::integer AS burst,
    t.leased,
    t.tokens
FROM (SELECT) AS always
LEFT JOIN taken t ON true
