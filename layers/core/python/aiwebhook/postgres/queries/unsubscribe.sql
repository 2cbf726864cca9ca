-- End a subscription and all deliveries that wait for it; repeating changes nothing. No row: there
-- never was one, or it has been removed.
WITH subscription AS (
    UPDATE event_subscriptions s
    SET ended_at = coalesce(s.ended_at, now())
    WHERE s.project_id = %(project_id)s AND s.subscription_id = %(subscription_id)s
    RETURNING s.project_id, s.subscription_id
),
endpoint AS (
    UPDATE endpoints e
    SET status = 'disabled', disabled_reason = 'the subscription has ended'
    FROM subscription s
    WHERE e.subscription_id = s.subscription_id
),
-- include give_up_waiting
SELECT s.subscription_id FROM subscription s
