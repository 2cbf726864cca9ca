-- Look an API key or an access token up and take one token of its bucket; waits for no disk. No
-- row: neither is known.
-- Only a good key's bucket is touched. A token that was taken and lost in a crash is given again:
-- harmless.
WITH api_key AS (
    SELECT
        key_id,
        project_id,
        scopes,
        rate_per_minute,
        burst,
        revoked_at IS NOT NULL AS revoked,
        coalesce(expires_at <= now(), false) AS expired,
        cidrs = '{}' OR coalesce(%(address)s::inet <<= ANY(cidrs), false) AS address_allowed,
        NULL::text AS person_id,
        NULL::text AS resource
    FROM api_keys
    WHERE key_hash = %(key_hash)s
    UNION ALL
    SELECT
        c.connection_id,
        c.project_id,
        c.scopes,
        %(connection_rate)s,
        %(connection_burst)s,
        c.revoked_at IS NOT NULL,
        t.expires_at <= now(),
        true,
        c.person_id,
        c.resource
    FROM access_tokens AS t
    JOIN connections AS c ON c.connection_id = t.connection_id
    WHERE t.token_hash = %(key_hash)s
), bucket AS (
    INSERT INTO rate_buckets AS b (key_id, tokens)
    SELECT key_id, burst - 1
    FROM api_key
    WHERE NOT revoked AND NOT expired AND address_allowed
    ON CONFLICT (key_id) DO UPDATE
        SET
            tokens = least(
                (SELECT burst FROM api_key),
                b.tokens + greatest(0, extract(EPOCH FROM now() - b.refilled_at))
                * (SELECT rate_per_minute FROM api_key) / 60
            ) - 1,
            refilled_at = greatest(now(), b.refilled_at)
        WHERE least(
            (SELECT burst FROM api_key),
            b.tokens + greatest(0, extract(EPOCH FROM now() - b.refilled_at))
            * (SELECT rate_per_minute FROM api_key) / 60
        ) >= 1
    RETURNING tokens
)
SELECT
    k.key_id,
    k.project_id,
    k.scopes,
    k.rate_per_minute,
    k.burst,
    k.revoked,
    k.expired,
    k.address_allowed,
    k.person_id,
    k.resource,
    b.tokens IS NOT NULL AS granted,
    coalesce(
        b.tokens,
        (
            SELECT
                least(
                    k.burst,
                    r.tokens
                    + greatest(0, extract(EPOCH FROM now() - r.refilled_at))
                    * k.rate_per_minute / 60
                )
            FROM rate_buckets AS r
            WHERE r.key_id = k.key_id
        ),
        k.burst
    )::float8 AS tokens
FROM api_key AS k
LEFT JOIN bucket AS b ON true
-- A setting of this transaction only; in a condition, because an unused column would not be
-- computed.
WHERE set_config('synchronous_commit', 'off', true) = 'off'
