-- Keep an inbound delivery once per (source, hook, GUID), with its event; a known one answers the first outcome.
-- No row: the same delivery was being committed at this moment; running the statement again finds it.
WITH delivery AS (
    INSERT INTO inbound_deliveries (
        project_id, source, hook_id, guid, event_type, headers, body, body_sha256, content_type
    )
    VALUES (
        %(project_id)s, %(source)s, %(hook_id)s, %(guid)s, %(event_type)s, %(headers)s::jsonb,
        %(body)s, %(body_sha256)s, %(content_type)s
    )
    ON CONFLICT (project_id, source, hook_id, guid) DO NOTHING
    RETURNING delivery_id, event_type
), event AS (
    INSERT INTO events (project_id, type, data, correlation_id)
    SELECT
        %(project_id)s, 'delivery.received',
        jsonb_build_object(
            'delivery_id', delivery_id,
            'source', %(source)s::text,
            'event', event_type,
            'guid', %(guid)s::text,
            'hook_id', %(hook_id)s::text,
            'size', %(size)s::integer
        ),
        %(correlation_id)s
    FROM delivery
)
SELECT delivery_id, event_type, false AS duplicate, true AS same_body
FROM delivery
UNION ALL
SELECT delivery_id, event_type, true, body_sha256 = %(body_sha256)s
FROM inbound_deliveries
WHERE project_id = %(project_id)s
    AND source = %(source)s
    AND hook_id = %(hook_id)s
    AND guid = %(guid)s
