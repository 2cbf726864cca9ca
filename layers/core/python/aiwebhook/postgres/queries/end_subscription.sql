-- The server ends a subscription, with all that waits for it, and lets its receiver know: by a
-- message in the place of the newest event that the receiver is not sent. Its endpoint stays, for
-- that message. Ended once more it stays as it is. No row: there never was one, or it is forgotten.
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
