-- Check a key or access token again that this process has checked before (check_key.sql), ahead of
-- a command in the same transaction: it must be unchanged and good, and one of the tokens leased to
-- this process is spent. Otherwise the cast fails, which rolls everything back, and the process
-- runs check_key.sql.
WITH good_key AS (
    SELECT k.key_id, k.rate_per_minute, k.burst
    FROM api_keys k
    WHERE k.key_hash = %(key_hash)s
        AND k.key_id = %(key_id)s
        AND k.project_id = %(project_id)s
        AND k.scopes = %(scopes)s::text[]
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
        AND (k.cidrs = '{}' OR %(address)s::inet <<= ANY(k.cidrs))
    UNION ALL
    SELECT c.connection_id, %(connection_rate)s, %(connection_burst)s
    FROM access_tokens t
    JOIN connections c ON c.connection_id = t.connection_id
    WHERE t.token_hash = %(key_hash)s
        AND t.expires_at > now()
        AND c.connection_id = %(key_id)s
        AND c.project_id = %(project_id)s
        AND c.scopes = %(scopes)s::text[]
        AND c.revoked_at IS NULL
),
taken AS (
    UPDATE rate_leases l
    SET tokens = l.tokens - 1, used_at = now()
    FROM good_key k
    WHERE l.key_id = k.key_id AND l.process = %(process)s AND l.tokens >= 1
    RETURNING l.tokens
)
SELECT
    CASE WHEN EXISTS (SELECT FROM taken) THEN 'true' ELSE 'stale key check' END::boolean
        AS good,
    k.rate_per_minute,
    k.burst,
    t.tokens AS leased,
    -- Others may have taken of the bucket meanwhile: this is read and not locked.
    least(
        k.burst,
        t.tokens + b.tokens
        + greatest(0, extract(EPOCH FROM now() - b.refilled_at)) * k.rate_per_minute / 60
    )::float8 AS tokens
FROM (SELECT) AS always
LEFT JOIN good_key k ON true
LEFT JOIN taken t ON true
LEFT JOIN rate_buckets b ON b.key_id = k.key_id
