-- Create a subscription's deliveries for events after a position of the log which have none yet, or
-- one that is finished; oldest first. Events written before `since` are skipped.
WITH missed AS (
    SELECT ev.project_id, ev.event_no, ev.type, ev.task_id, e.endpoint_id, e.url
    FROM endpoints e
    JOIN events ev ON ev.project_id = e.project_id
    WHERE e.project_id = %(project_id)s
        AND e.subscription_id = %(subscription_id)s
        AND (ev.xid, ev.event_no) > (%(after_xid)s::text::xid8, %(after_no)s::bigint)
        AND ev.type = ANY(e.event_types)
        AND (%(since)s::timestamptz IS NULL OR ev.created_at >= %(since)s)
        AND is_followed(e.subscription_id, ev.session_id, ev.task_id, ev.data)
    ORDER BY ev.xid, ev.event_no
    LIMIT %(limit)s
)
INSERT INTO deliveries AS d (project_id, event_no, event_type, task_id, endpoint_id, url)
SELECT m.project_id, m.event_no, m.type, m.task_id, m.endpoint_id, m.url
FROM missed m
ON CONFLICT (project_id, event_no, endpoint_id, url) DO UPDATE
    SET
        status = 'pending',
        attempts = 0,
        next_attempt_at = now(),
        delivered_at = NULL,
        body = CASE WHEN d.control IS NULL THEN d.body END,
        control = NULL
    WHERE d.status <> 'pending' AND coalesce(d.leased_until <= now(), true)
RETURNING d.project_id, d.event_no
