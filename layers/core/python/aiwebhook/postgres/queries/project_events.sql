-- Events of a project in the order (xid, event_no), behind every transaction still in flight: what
-- appears later has a greater xid, so a cursor never passes over anything. `events.xid` in the
-- ORDER BY: a bare xid there is the output column, which is text and puts 10000 before 9999.
WITH
-- include feed
SELECT
    event_no,
    event_name(event_id, created_at, event_no) AS event_id,
    type,
    created_at,
    project_id,
    session_id,
    seq,
    task_id,
    data,
    xid::text AS xid
FROM events
WHERE project_id = %(project_id)s
    AND (xid, event_no) > (%(after_xid)s::text::xid8, %(after_no)s)
    AND xid < (SELECT ends_at FROM feed)
    AND (%(types)s::text[] IS NULL OR type = ANY(%(types)s::text[]))
ORDER BY events.xid, event_no
LIMIT %(limit)s
