-- A page of what a project received: of deliveries older than `days`, or what their source
-- says instead, the body and the headers go,
-- and the bytes in the blob store are no longer named. What is left tells a repeated delivery.
-- `apply` false: only counts.
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
