-- Subscriptions that ended or ran out a week ago, with their endpoints and deliveries.
DELETE FROM event_subscriptions
WHERE ctid = ANY(ARRAY(
        SELECT s.ctid
        FROM event_subscriptions s
        WHERE least(s.ended_at, s.expires_at) < now() - interval '7 days'
        LIMIT %(limit)s
    ))
