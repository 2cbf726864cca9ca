-- Look up an API key or an access token and take one token of its bucket, without waiting for the
-- disk: a token that is lost in a crash is given again, which is harmless. No row: it is unknown.
-- The process leases further tokens (recheck_key.sql spends them). They leave the bucket, which is
-- refilled only up to the burst less what was leased until the last of it was spent, and from then
-- on up to the burst less what is unspent: so all processes together never spend more than the
-- burst and what has become due, and after a pause the burst is complete. At most half of the burst
-- is leased; a process beyond that asks here each time, and so does one that waited here for
-- another, whose lease it cannot see yet. Tokens leased to a process that has not used them for a
-- second, and what is left of this process's own lease, return here. Only a good key's bucket is
-- touched.
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
), good_key AS (
    SELECT key_id, rate_per_minute, burst
    FROM api_key
    WHERE NOT revoked AND NOT expired AND address_allowed
), held AS (
    SELECT
        coalesce(sum(r.granted), 0) AS granted,
        coalesce(sum(r.tokens), 0) AS unspent,
        coalesce(greatest(0, extract(EPOCH FROM now() - max(r.used_at))), 0) AS unused_s
    FROM rate_leases AS r
    JOIN good_key AS k ON k.key_id = r.key_id
), handed_back AS (
    DELETE FROM rate_leases AS l
    USING (
        SELECT r.key_id, r.process
        FROM rate_leases AS r
        JOIN good_key AS k ON k.key_id = r.key_id
        WHERE r.process = %(process)s OR r.used_at < now() - interval '1 second'
        FOR UPDATE OF r SKIP LOCKED
    ) AS idle
    WHERE l.key_id = idle.key_id AND l.process = idle.process
    RETURNING l.tokens, l.granted
), returned AS (
    SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(granted), 0) AS granted
    FROM handed_back
), offer AS (
    SELECT
        k.key_id,
        k.rate_per_minute,
        k.burst,
        greatest(
            0,
            least(
                k.burst / %(leased_share)s,
                %(leased_most)s,
                floor(k.burst / 2 - (h.granted - r.granted))
            )
        ) AS chunk,
        greatest(
            0,
            least(k.burst - h.unspent, k.burst - h.granted + h.unused_s * k.rate_per_minute / 60)
        ) AS room,
        r.tokens AS back,
        -- The bucket as the leases were read: whoever has written it since may have leased.
        b.tokens AS seen_tokens,
        b.refilled_at AS seen_at
    FROM good_key AS k
    CROSS JOIN held AS h
    CROSS JOIN returned AS r
    LEFT JOIN rate_buckets AS b ON b.key_id = k.key_id
), bucket AS (
    INSERT INTO rate_buckets AS b (key_id, tokens, leased)
    SELECT key_id, burst - 1 - chunk, chunk
    FROM offer
    ON CONFLICT (key_id) DO UPDATE
        SET
            (tokens, leased) = (
                SELECT f.tokens - 1 - f.leased, f.leased
                FROM (
                    SELECT a.tokens, least(a.chunk, floor(a.tokens - 1)) AS leased
                    FROM offer AS o
                    CROSS JOIN
                        LATERAL (
                            SELECT
                                CASE
                                    WHEN (b.tokens, b.refilled_at) = (o.seen_tokens, o.seen_at)
                                        THEN o.chunk
                                    ELSE 0
                                END AS chunk,
                                o.back
                                + least(
                                    CASE
                                        WHEN (b.tokens, b.refilled_at) = (o.seen_tokens, o.seen_at)
                                            THEN o.room
                                        ELSE least(o.room, greatest(b.tokens, o.burst / 2))
                                    END,
                                    b.tokens
                                    + greatest(0, extract(EPOCH FROM now() - b.refilled_at))
                                    * o.rate_per_minute / 60
                                ) AS tokens
                        ) AS a
                ) AS f
            ),
            refilled_at = greatest(now(), b.refilled_at)
        WHERE (
            SELECT
                o.back
                + least(
                    CASE
                        WHEN (b.tokens, b.refilled_at) = (o.seen_tokens, o.seen_at) THEN o.room
                        ELSE least(o.room, greatest(b.tokens, o.burst / 2))
                    END,
                    b.tokens
                    + greatest(0, extract(EPOCH FROM now() - b.refilled_at))
                    * o.rate_per_minute / 60
                )
            FROM offer AS o
        ) >= 1
    RETURNING tokens, leased
), taken_along AS (
    INSERT INTO rate_leases AS l (key_id, process, tokens, granted)
    SELECT o.key_id, %(process)s, b.leased, b.leased
    FROM offer AS o, bucket AS b
    WHERE b.leased >= 1
    ON CONFLICT (key_id, process) DO UPDATE
        SET tokens = excluded.tokens, granted = excluded.granted, used_at = now()
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
    coalesce(b.leased, 0)::float8 AS leased,
    coalesce(
        b.tokens + b.leased,
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
