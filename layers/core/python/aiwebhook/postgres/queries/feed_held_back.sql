-- For how many whole seconds the oldest event withheld from readers has been committed: a
-- transaction that began before it is still open, in whatever database of the cluster. 0: none is
-- withheld.
WITH
-- include feed
SELECT coalesce(max(floor(extract(EPOCH FROM now() - w.created_at))), 0)::bigint AS held_back_s
FROM projects p
CROSS JOIN LATERAL (
    SELECT e.created_at
    FROM events e
    WHERE e.project_id = p.project_id AND e.xid >= (SELECT ends_at FROM feed)
    ORDER BY e.xid, e.event_no
    LIMIT 1
) w
