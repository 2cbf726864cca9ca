-- Events of a project with deliveries that a claim in this lane would find due, longest due first:
-- those whose receiver is known to answer, or the others. Runs after a slot of that kind was
-- released, in a statement of its own: by then, every claim that found all slots taken has
-- committed its row.
SELECT
    d.project_id,
    d.event_no
FROM deliveries d
LEFT JOIN endpoints e ON e.endpoint_id = d.endpoint_id
LEFT JOIN callback_hosts h
    ON d.endpoint_id IS NULL
    AND h.project_id = d.project_id
    AND h.host = lower(split_part(d.url, '/', 3))
WHERE d.project_id = %(project_id)s
    AND d.status = 'pending'
    AND d.next_attempt_at <= now()
    AND (d.leased_until IS NULL OR d.leased_until <= now())
    AND coalesce(e.responsive, h.responsive, false) = %(responsive)s
    AND (
        %(lane)s = 'retry'
        OR d.attempts = 0 AND coalesce(e.responsive, h.responsive) IS NOT false
    )
ORDER BY d.next_attempt_at
LIMIT %(limit)s
