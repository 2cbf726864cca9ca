-- By id, so that a sweep can read on past rows that are refused. The age keeps it off rows whose
-- writer is still pushing them.
SELECT
    o.outbox_id,
    o.project_id,
    o.kind,
    o.destination,
    e.event_no,
    event_name(e.event_id, e.created_at, e.event_no) AS event_id,
    e.session_id,
    e.seq,
    e.type,
    e.task_id,
    e.data,
    e.correlation_id,
    e.created_at
FROM outbox o
LEFT JOIN events e
    ON e.event_no = o.event_no
    AND e.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
WHERE o.outbox_id > %(after)s
    AND o.created_at < now() - make_interval(secs => %(older_than_s)s)
ORDER BY o.outbox_id
LIMIT %(limit)s
