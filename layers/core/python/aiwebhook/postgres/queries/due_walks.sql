-- Walks of retention that are due, the one that has waited longest first: those under way, and
-- those that last began long enough ago. A kind kept for ever has no walk.
SELECT
    p.project_id,
    k.kind,
    CASE WHEN r.project_id IS NULL THEN k.days ELSE r.days END AS days,
    w.marker
FROM projects p
CROSS JOIN
    unnest(%(kinds)s::text[], %(default_days)s::integer[])
    WITH ORDINALITY AS k (kind, days, place)
LEFT JOIN retention_rules r ON r.project_id = p.project_id AND r.kind = k.kind
LEFT JOIN retention_walks w ON w.project_id = p.project_id AND w.kind = k.kind
WHERE CASE WHEN r.project_id IS NULL THEN k.days ELSE r.days END IS NOT NULL
    AND (
        w.marker IS NOT NULL
        OR coalesce(w.began_at < now() - make_interval(secs => %(every_s)s), true)
    )
ORDER BY w.began_at NULLS FIRST, k.place
LIMIT %(limit)s
