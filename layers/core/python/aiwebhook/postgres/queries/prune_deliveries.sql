-- A page of a project's callbacks, oldest first: what was delivered or given up, and was made more
-- than `days` ago, goes. What is due, held or being sent stays. `apply` false: only counts.
WITH page AS MATERIALIZED (
    SELECT d.delivery_id, d.status, d.leased_until, d.created_at
    FROM deliveries d
    WHERE d.project_id = %(project_id)s
        AND (d.created_at, d.delivery_id) > (
            coalesce((%(marker)s::jsonb ->> 0)::timestamptz, '-infinity'),
            coalesce(%(marker)s::jsonb ->> 1, '')
        )
    ORDER BY d.created_at, d.delivery_id
    LIMIT %(limit)s
),
past AS MATERIALIZED (
    SELECT p.delivery_id
    FROM page p
    WHERE p.created_at < now() - make_interval(days => %(days)s)
        AND p.status IN ('delivered', 'dead')
        AND coalesce(p.leased_until <= now(), true)
),
pruned AS (
    DELETE FROM deliveries d
    USING past p
    WHERE d.delivery_id = p.delivery_id AND d.status IN ('delivered', 'dead') AND %(apply)s
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (
        SELECT jsonb_build_array(l.created_at, l.delivery_id)
        FROM (SELECT * FROM page ORDER BY created_at DESC, delivery_id DESC LIMIT 1) l
        WHERE (SELECT count(*) FROM page) = %(limit)s
            AND l.created_at < now() - make_interval(days => %(days)s)
    ) AS marker
