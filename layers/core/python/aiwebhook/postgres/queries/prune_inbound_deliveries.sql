-- A page of inbound deliveries: those older than `days` are deleted, so that a repetition would be
-- accepted as new. `apply` false: only counts.
WITH
-- include inbound_page,
past AS MATERIALIZED (
    SELECT p.delivery_id
    FROM page p
    WHERE p.received_at < now() - make_interval(days => %(days)s)
),
pruned AS (
    DELETE FROM inbound_deliveries i
    USING past p
    WHERE i.delivery_id = p.delivery_id AND %(apply)s
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (SELECT l.marker FROM last_of_page l) AS marker
