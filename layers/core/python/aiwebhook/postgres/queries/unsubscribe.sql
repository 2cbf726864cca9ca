-- End a subscription with all that waits for it; ended once more it stays ended. The row of what is
-- being sent just now is left to its sender. No row: there never was one, or it is forgotten.
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
given_up AS (
    UPDATE deliveries d
    SET status = 'dead'
    FROM subscription s
    WHERE d.project_id = s.project_id
        AND d.endpoint_id = s.subscription_id
        AND d.status IN ('pending', 'held')
        AND coalesce(d.leased_until <= now(), true)
)
SELECT s.subscription_id FROM subscription s
