-- After a crash of the server, which empties the outbox and its witness row, put back every event
-- of the logs that is not known to have been pushed. What was pushed since the last sweep is pushed
-- again. Transactions that write after the crash add their own rows. If two processes find the
-- witness gone, the second waits for the first and then finds it.
WITH emptied AS (
    INSERT INTO outbox_witness DEFAULT VALUES ON CONFLICT (only_row) DO NOTHING RETURNING only_row
),
refilled AS (
    INSERT INTO outbox (project_id, kind, event_no, created_at)
    SELECT e.project_id, 'publish', e.event_no, e.created_at
    FROM emptied
    CROSS JOIN outbox_progress g
    CROSS JOIN projects p
    CROSS JOIN
        LATERAL (
            SELECT l.project_id, l.event_no, l.created_at
            FROM events l
            WHERE l.project_id = p.project_id
                AND l.xid >= g.pushed_before
                AND l.type = ANY(%(types)s::text[])
        ) e
    WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.event_no = e.event_no)
    ORDER BY e.event_no
    RETURNING outbox_id
)
SELECT count(*) AS refilled FROM refilled
