-- Set the next secret; the previous one also signs for %(overlap_s)s seconds. Guard: no rotation is
-- under way, because only two secrets can be live and a receiver may still use the older one.
WITH endpoint AS (
    UPDATE endpoints
    SET
        secret_version = secret_version + 1,
        previous_secret_until = now() + make_interval(secs => %(overlap_s)s)
    WHERE project_id = %(project_id)s
        AND endpoint_id = %(endpoint_id)s
        AND subscription_id IS NULL
        AND (previous_secret_until IS NULL OR previous_secret_until <= now())
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'endpoint.rotated', endpoint_id
    FROM endpoint
)
SELECT
    endpoint_id, url, description, event_types, payload, status, disabled_reason, secret_version,
    previous_secret_until, failures, breaker_open_until, created_at
FROM endpoint
