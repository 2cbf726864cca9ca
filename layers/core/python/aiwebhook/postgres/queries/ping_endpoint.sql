-- A test event for one endpoint, whatever types it listens to.
WITH event AS (
    INSERT INTO events (project_id, type, data, correlation_id)
    SELECT
        project_id,
        'endpoint.ping',
        jsonb_build_object('endpoint_id', endpoint_id),
        %(correlation_id)s
    FROM endpoints
    WHERE project_id = %(project_id)s
        AND endpoint_id = %(endpoint_id)s
        AND subscription_id IS NULL
        AND status = 'active'
    RETURNING event_no, project_id, type
)
INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url)
SELECT event.project_id, event.event_no, event.type, endpoints.endpoint_id, endpoints.url
FROM event, endpoints
WHERE endpoints.endpoint_id = %(endpoint_id)s
RETURNING delivery_id, event_no
