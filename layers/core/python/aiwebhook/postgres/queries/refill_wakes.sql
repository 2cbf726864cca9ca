-- Restore the wake budget of a subscription's principal: earlier wakes no longer count, in any of
-- its subscriptions. No row: no such subscription.
UPDATE event_subscriptions s
SET refilled_at = now()
FROM event_subscriptions named
WHERE named.project_id = %(project_id)s
    AND named.subscription_id = %(subscription_id)s
    AND s.project_id = named.project_id
    AND s.principal = named.principal
RETURNING s.subscription_id
