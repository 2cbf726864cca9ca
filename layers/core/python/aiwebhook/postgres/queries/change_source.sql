-- Change the given fields of a source; null leaves one as it is.
WITH source AS (
    UPDATE sources
    SET
        description = coalesce(%(description)s, description),
        status = coalesce(%(status)s, status),
        rules = coalesce(%(rules)s::jsonb, rules),
        cidrs = coalesce(%(cidrs)s::text[]::cidr[], cidrs),
        max_bytes = coalesce(%(max_bytes)s, max_bytes),
        rate_per_minute = coalesce(%(rate_per_minute)s, rate_per_minute),
        burst = coalesce(%(burst)s, burst),
        retention_days = coalesce(%(retention_days)s, retention_days)
    WHERE project_id = %(project_id)s AND source_id = %(source_id)s
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'source.changed', source_id
    FROM source
),
-- include shown_source
SELECT * FROM shown_source
