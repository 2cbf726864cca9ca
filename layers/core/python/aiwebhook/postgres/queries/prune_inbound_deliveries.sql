-- A page of what a project received: what is older than `days` goes, so that a repeat of it would
-- be taken for new. `apply` false: only counts.
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
