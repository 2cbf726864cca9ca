-- Create a callback endpoint; its id is never reused, because its secrets are derived from it.
WITH endpoint AS (
    INSERT INTO endpoints (endpoint_id, project_id, url, description, event_types, payload)
    VALUES (
        %(endpoint_id)s, %(project_id)s, %(url)s, %(description)s, %(event_types)s::text[],
        %(payload)s
    )
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT project_id, %(actor)s, 'endpoint.created', endpoint_id, jsonb_build_object('url', url)
    FROM endpoint
)
SELECT
    endpoint_id, url, description, event_types, payload, status, disabled_reason, secret_version,
    previous_secret_until, failures, breaker_open_until, created_at
FROM endpoint
