-- Record up to where all events were pushed: up to the oldest that still has a row in the outbox,
-- but not beyond the oldest transaction in flight, which may yet commit one. Records nothing after
-- a crash has emptied the outbox, until that is refilled (refill_outbox.sql).
WITH
-- include feed,
waiting AS (
    SELECT e.xid
    FROM outbox o
    JOIN events e
        ON e.event_no = o.event_no
        AND e.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
    ORDER BY e.xid
    LIMIT 1
),
reached AS (
    SELECT least(f.ends_at, w.xid) AS place
    FROM feed f
    LEFT JOIN waiting w ON true
)
UPDATE outbox_progress g
SET pushed_before = r.place
FROM reached r
WHERE g.pushed_before < r.place
    AND EXISTS (SELECT FROM outbox_witness)
