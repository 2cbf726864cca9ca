-- A page of what a project received.
-- Needs  parameters project_id, marker (null: the first page), limit
-- Gives  page; last_of_page(marker): where the next page begins, no row when this is the last
page AS MATERIALIZED (
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
last_of_page AS (
    SELECT jsonb_build_array(p.source, p.hook_id, p.guid, encode(p.body_sha256, 'hex')) AS marker
    FROM page p
    WHERE (SELECT count(*) FROM page) = %(limit)s
    ORDER BY p.source DESC, p.hook_id DESC, p.guid DESC, p.body_sha256 DESC
    LIMIT 1
)
