-- Record a delivery that is larger than its source accepts: id, size and time.
INSERT INTO inbound_deliveries (
    project_id, source, hook_id, guid, event_type, headers, body_sha256, content_type, size, status,
    body_pruned
)
VALUES (
    %(project_id)s, %(source)s, %(hook_id)s, %(guid)s, %(event_type)s, '{}', %(body_sha256)s,
    %(content_type)s, %(size)s, 'too_large', true
)
ON CONFLICT DO NOTHING
