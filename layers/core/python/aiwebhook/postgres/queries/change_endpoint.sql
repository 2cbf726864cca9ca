-- Change the given fields; enabling an endpoint resets its failures and closes its breaker.
WITH endpoint AS (
    UPDATE endpoints
    SET
        url = coalesce(%(url)s, url),
        description = coalesce(%(description)s, description),
        event_types = coalesce(%(event_types)s::text[], event_types),
        payload = coalesce(%(payload)s, payload),
        status = coalesce(%(status)s, status),
        disabled_reason = CASE %(status)s::text
            WHEN 'active' THEN NULL
            WHEN 'disabled' THEN 'disabled through the API'
            ELSE disabled_reason
        END,
        failures = CASE WHEN %(status)s::text = 'active' THEN 0 ELSE failures END,
        breaker_open_until = CASE
            WHEN %(status)s::text = 'active' THEN NULL ELSE breaker_open_until
        END
    WHERE project_id = %(project_id)s
        AND endpoint_id = %(endpoint_id)s
        AND subscription_id IS NULL
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT project_id, %(actor)s, 'endpoint.changed', endpoint_id, jsonb_build_object('url', url)
    FROM endpoint
)
SELECT
    endpoint_id, url, description, event_types, payload, status, disabled_reason, secret_version,
    previous_secret_until, failures, breaker_open_until, created_at
FROM endpoint
