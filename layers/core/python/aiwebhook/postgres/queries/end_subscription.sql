-- End a subscription on behalf of the server, with all deliveries that wait for it, and notify its
-- receiver: by a message in place of the newest event that is no longer sent. Its endpoint stays,
-- for that message. Ending it again changes nothing. No row: it never existed, or was deleted.
WITH subscription AS (
    UPDATE event_subscriptions s
    SET ended_at = now(), ended_because = %(reason)s
    WHERE s.project_id = %(project_id)s
        AND s.subscription_id = %(subscription_id)s
        AND s.ended_at IS NULL
    RETURNING s.project_id, s.subscription_id, s.url, s.expires_at > now() AS granted
),
-- include give_up_waiting,
farewell AS (
    INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url, control)
    SELECT s.project_id, e.event_no, e.type, s.subscription_id, s.url, 'terminated'
    FROM subscription s
    CROSS JOIN
        LATERAL (
            SELECT ev.event_no, ev.type
            FROM events ev
            WHERE ev.project_id = s.project_id
                AND ev.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
                AND NOT EXISTS (
                    SELECT
                    FROM deliveries n
                    WHERE n.project_id = s.project_id
                        AND n.event_no = ev.event_no
                        AND n.endpoint_id = s.subscription_id
                )
            ORDER BY ev.xid DESC, ev.event_no DESC
            LIMIT 1
        ) e
    WHERE s.granted
    RETURNING event_no
)
SELECT s.project_id, (SELECT f.event_no FROM farewell f) AS event_no
FROM event_subscriptions s
WHERE s.project_id = %(project_id)s AND s.subscription_id = %(subscription_id)s
