-- What was committed but not pushed; younger rows are most likely being pushed by who wrote them.
WITH left_over AS (
    SELECT o.outbox_id, o.project_id, o.kind, o.destination, o.event_no
    FROM outbox o
    WHERE o.created_at < now() - make_interval(secs => %(older_than_s)s)
    ORDER BY o.outbox_id
    LIMIT %(limit)s
)
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'outbox_id', o.outbox_id,
    'project_id', o.project_id,
    'kind', o.kind,
    'destination', o.destination,
    'event', CASE WHEN e.event_no IS NOT NULL THEN jsonb_build_object(
        'event_no', e.event_no,
        'event_id', e.event_id,
        'project_id', e.project_id,
        'session_id', e.session_id,
        'seq', e.seq,
        'type', e.type,
        'task_id', e.task_id,
        'data', e.data,
        'correlation_id', e.correlation_id,
        'created_at', e.created_at
    ) END
) ORDER BY o.outbox_id), '[]') AS outbox
FROM left_over o
LEFT JOIN events e ON e.event_no = o.event_no
