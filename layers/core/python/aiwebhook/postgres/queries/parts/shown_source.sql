-- Sources as people see them: without their secrets.
-- Needs  source: rows of sources
-- Gives  shown_source
shown_source AS (
    SELECT
        source_id,
        kind,
        description,
        status,
        rules,
        secret_box IS NOT NULL AS has_secret,
        CASE WHEN previous_until > now() THEN previous_until END AS previous_secret_until,
        cidrs::text[] AS cidrs,
        max_bytes,
        rate_per_minute,
        burst,
        retention_days,
        created_at
    FROM source
)
