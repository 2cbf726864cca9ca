-- A page of what a project received: what is older than `days` goes, so that a repeat of it would
-- be taken for new. Of the same bytes the later one goes first: deliveries without a GUID are
-- numbered by how many there are. `apply` false: only counts.
WITH page AS MATERIALIZED (
    SELECT i.delivery_id, i.source, i.hook_id, i.guid, i.body_sha256, i.received_at
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
    WHERE p.received_at < now() - make_interval(days => %(days)s)
        AND NOT EXISTS (
            SELECT
            FROM inbound_deliveries n
            WHERE n.project_id = %(project_id)s
                AND n.source = p.source
                AND n.body_sha256 = p.body_sha256
                AND n.received_at > p.received_at
        )
),
pruned AS (
    DELETE FROM inbound_deliveries i
    USING past p
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
