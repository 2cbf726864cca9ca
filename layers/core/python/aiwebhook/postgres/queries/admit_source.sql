-- Find the source of a delivery, and take one token from its bucket. No row: no such source, or it
-- is disabled. `within_rate` false: the bucket is empty, and nothing was taken.
WITH found AS MATERIALIZED (
    SELECT * FROM sources WHERE source_id = %(source_id)s AND status = 'active'
),
taken AS (
    UPDATE sources s
    SET
        tokens = least(
            s.burst,
            s.tokens
            + greatest(0, extract(EPOCH FROM now() - s.refilled_at)) * s.rate_per_minute / 60
        ) - 1,
        refilled_at = greatest(now(), s.refilled_at)
    WHERE s.source_id = %(source_id)s
        AND s.status = 'active'
        AND least(
            s.burst,
            s.tokens
            + greatest(0, extract(EPOCH FROM now() - s.refilled_at)) * s.rate_per_minute / 60
        ) >= 1
    RETURNING s.source_id
)
SELECT
    f.source_id,
    f.project_id,
    f.kind,
    f.rules,
    f.secret_box,
    CASE WHEN f.previous_until > now() THEN f.previous_box END AS previous_box,
    f.max_bytes,
    f.rate_per_minute,
    EXISTS(SELECT FROM taken) AS within_rate,
    CASE
        -- Only a recently read list may refuse a request.
        WHEN f.rules ->> 'networks' = 'github'
            THEN coalesce(%(address)s::inet <<= ANY(f.cidrs), false)
                OR NOT EXISTS (
                    SELECT
                    FROM github_networks g
                    WHERE g.fetched_at > now() - make_interval(secs => %(trusted_s)s)
                        AND NOT coalesce(%(address)s::inet <<= ANY(g.networks), false)
                )
        ELSE f.cidrs = '{}' OR coalesce(%(address)s::inet <<= ANY(f.cidrs), false)
    END AS address_allowed,
    CASE
        WHEN f.rules ->> 'networks' = 'github'
            THEN NOT EXISTS (
                    SELECT
                    FROM github_networks g
                    WHERE g.fetched_at > now() - make_interval(secs => %(trusted_s)s)
                )
        ELSE false
    END AS networks_stale
FROM found f
