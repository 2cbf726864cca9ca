-- A page of what a project received: of deliveries older than `days` the body and the headers go,
-- and the bytes in the blob store are no longer named. What is left tells a repeated delivery.
-- `apply` false: only counts.
WITH page AS MATERIALIZED (
    SELECT i.delivery_id, i.source, i.hook_id, i.guid, i.body_sha256, i.body_pruned, i.received_at
    FROM inbound_deliveries i
    WHERE i.project_id = %(project_id)s
        AND (i.source, i.hook_id, i.guid, i.body_sha256) > (
            coalesce(%(marker)s::jsonb ->> 0, ''),
            coalesce(%(marker)s::jsonb ->> 1, ''),
            coalesce(%(marker)s::jsonb ->> 2, ''),
            decode(coalesce(%(marker)s::jsonb ->> 3, ''), 'hex')
        )
    ORDER BY i.source, i.hook_id, i.guid, i.body_sha256
    LIMIT %(limit)s
),
past AS MATERIALIZED (
    SELECT p.delivery_id
    FROM page p
    WHERE p.received_at < now() - make_interval(days => %(days)s) AND NOT p.body_pruned
),
pruned AS (
    UPDATE inbound_deliveries i
    SET body = NULL, headers = '{}', body_pruned = true
    FROM past p
    WHERE i.delivery_id = p.delivery_id AND %(apply)s
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (
        SELECT jsonb_build_array(l.source, l.hook_id, l.guid, encode(l.body_sha256, 'hex'))
        FROM (
            SELECT * FROM page
            ORDER BY source DESC, hook_id DESC, guid DESC, body_sha256 DESC
            LIMIT 1
        ) l
        WHERE (SELECT count(*) FROM page) = %(limit)s
    ) AS marker
