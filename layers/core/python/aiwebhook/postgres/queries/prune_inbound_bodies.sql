-- A page of inbound deliveries: of those older than `days`, or than their source sets instead, the
-- body and the headers are deleted, and the bytes in the blob store are no longer referenced. The
-- rest still identifies a repeated delivery. `apply` false: only counts.
WITH
-- include inbound_page,
past AS MATERIALIZED (
    SELECT p.delivery_id
    FROM page p
    LEFT JOIN sources s ON s.project_id = %(project_id)s AND s.source_id = p.source
    WHERE p.received_at < now() - make_interval(days => coalesce(s.retention_days, %(days)s))
        AND NOT p.body_pruned
),
pruned AS (
    UPDATE inbound_deliveries i
    SET body = NULL, headers = '{}', body_pruned = true
    FROM past p
    WHERE i.delivery_id = p.delivery_id AND %(apply)s
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (SELECT l.marker FROM last_of_page l) AS marker
