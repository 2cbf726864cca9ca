-- Deliveries after a position in the project's log, in its order; those of transactions still open,
-- and later ones, are withheld, as in project_events.sql. A delivery that does not match, or has no
-- bytes any more, is an empty row: its position is skipped.
WITH
-- include feed,
page AS MATERIALIZED (
    SELECT
        e.xid,
        e.event_no,
        e.data ->> 'delivery_id' AS delivery_id,
        coalesce((e.data ->> 'replayed')::boolean, false) AS replayed
    FROM events e
    WHERE e.project_id = %(project_id)s
        AND (e.xid, e.event_no) > (%(after_xid)s::text::xid8, %(after_no)s)
        AND e.xid < (SELECT ends_at FROM feed)
        AND e.type = 'delivery.received'
    ORDER BY e.xid, e.event_no
    LIMIT %(limit)s
)
SELECT
    p.xid::text AS xid,
    p.event_no,
    p.replayed,
    d.delivery_id,
    d.source,
    d.hook_id,
    d.guid,
    d.event_type AS event,
    d.action,
    d.repository,
    d.method,
    d.path,
    d.content_type,
    coalesce(d.size, length(d.body)) AS size,
    d.conflict,
    d.received_at,
    d.headers,
    d.body,
    d.body_sha256
FROM page p
LEFT JOIN inbound_deliveries d
    ON d.project_id = %(project_id)s
    AND d.delivery_id = p.delivery_id
    AND NOT d.body_pruned
    AND (%(source)s::text IS NULL OR d.source = %(source)s)
    AND (%(event)s::text IS NULL OR d.event_type = %(event)s)
    AND (%(action)s::text IS NULL OR d.action = %(action)s)
    AND (%(repository)s::text IS NULL OR d.repository = %(repository)s)
ORDER BY p.xid, p.event_no
