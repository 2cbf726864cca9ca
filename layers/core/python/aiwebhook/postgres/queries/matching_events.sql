-- Events of a project that a client follows, in the order (xid, event_no), behind every transaction
-- still in flight, as in project_events.sql. `since` and `before` bound the time at which they were
-- written; `facts` are of an event's own data. `by_itself`: the requesting connection has delegated
-- the task.
WITH
-- include feed
SELECT
    e.event_no,
    event_name(e.event_id, e.created_at, e.event_no) AS event_id,
    e.type,
    e.created_at,
    e.project_id,
    e.session_id,
    e.seq,
    e.task_id,
    e.data,
    e.xid::text AS xid,
    s.title AS session_title,
    t.agent_name,
    coalesce(p.delegated_by = %(connection)s, false) AS by_itself
FROM events e
LEFT JOIN sessions s ON s.project_id = e.project_id AND s.session_id = e.session_id
LEFT JOIN tasks t ON t.project_id = e.project_id AND t.task_id = e.task_id
LEFT JOIN task_payloads p ON p.project_id = e.project_id AND p.task_id = e.task_id
WHERE e.project_id = %(project_id)s
    AND (e.xid, e.event_no) > (%(after_xid)s::text::xid8, %(after_no)s)
    AND e.xid < (SELECT ends_at FROM feed)
    AND e.type = ANY(%(types)s::text[])
    AND (%(session_id)s::text IS NULL OR e.session_id = %(session_id)s)
    AND (%(task_id)s::text IS NULL OR e.task_id = %(task_id)s)
    AND (%(agent_name)s::text IS NULL OR t.agent_name = %(agent_name)s)
    AND e.data @> %(facts)s::jsonb
    AND (%(since)s::timestamptz IS NULL OR e.created_at >= %(since)s)
    AND (%(before)s::timestamptz IS NULL OR e.created_at < %(before)s)
ORDER BY e.xid, e.event_no
LIMIT %(limit)s
