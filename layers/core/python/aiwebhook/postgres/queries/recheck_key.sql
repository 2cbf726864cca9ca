-- Check an API key again that this process has checked before (check_key.sql), ahead of a command
-- in the same transaction: it must be unchanged and good, and one of the tokens leased to this
-- process is spent. Otherwise the cast fails, which rolls everything back, and the process runs
-- check_key.sql.
WITH taken AS (
    UPDATE rate_leases l
    SET tokens = l.tokens - 1, used_at = now()
    FROM api_keys k
    LEFT JOIN rate_buckets b ON b.key_id = k.key_id
    WHERE k.key_hash = %(key_hash)s
        AND k.key_id = %(key_id)s
        AND k.project_id = %(project_id)s
        AND k.scopes = string_to_array(%(scope)s, ' ')
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
        AND (k.cidrs = '{}' OR %(address)s::inet <<= ANY(k.cidrs))
        AND l.key_id = k.key_id
        AND l.process = %(process)s
        AND l.tokens >= 1
    RETURNING
        k.rate_per_minute,
        k.burst,
        l.tokens AS leased,
        -- Others may have taken of the bucket meanwhile: this is read and not locked.
        least(
            k.burst,
            l.tokens + b.tokens
            + greatest(0, extract(EPOCH FROM now() - b.refilled_at)) * k.rate_per_minute / 60
        )::float8 AS tokens
)
SELECT
    CASE WHEN t.leased IS NULL THEN 'stale key check' ELSE 'true' END::boolean AS good,
    t.rate_per_minute,
    t.burst,
    t.leased,
    t.tokens
FROM (SELECT) AS always
LEFT JOIN taken t ON true
