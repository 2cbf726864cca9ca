-- Remove an endpoint with its deliveries.
WITH endpoint AS (
    DELETE FROM endpoints
    WHERE project_id = %(project_id)s
        AND endpoint_id = %(endpoint_id)s
        AND subscription_id IS NULL
    RETURNING project_id, endpoint_id, url
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT project_id, %(actor)s, 'endpoint.deleted', endpoint_id, jsonb_build_object('url', url)
    FROM endpoint
)
SELECT endpoint_id FROM endpoint
