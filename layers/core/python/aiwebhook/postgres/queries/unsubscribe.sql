-- End a subscription with all that waits for it; ended once more it stays ended. No row: there
-- never was one, or it is forgotten.
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
