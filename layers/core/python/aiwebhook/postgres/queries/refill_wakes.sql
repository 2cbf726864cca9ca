-- Give its wakes back to whoever has this subscription: those so far do not count any more, in none
-- of its principal's subscriptions. No row: there is no such subscription.
UPDATE event_subscriptions s
SET refilled_at = now()
FROM event_subscriptions named
WHERE named.project_id = %(project_id)s
    AND named.subscription_id = %(subscription_id)s
    AND s.project_id = named.project_id
    AND s.principal = named.principal
RETURNING s.subscription_id
