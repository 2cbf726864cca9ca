-- Subscriptions of a project's MCP clients, newest first; ended ones stay for a week. Of the
-- address only the host, because the rest may be a secret. `waiting`: how many events are still to
-- be sent.
SELECT
    s.subscription_id,
    s.principal,
    s.name,
    s.arguments,
    split_part(s.url, '/', 3) AS host,
    CASE
        WHEN s.ended_at IS NOT NULL THEN 'ended'
        WHEN s.expires_at <= now() THEN 'expired'
        WHEN e.breaker_open_until IS NOT NULL THEN 'suspended'
        ELSE 'active'
    END AS status,
    (
        SELECT count(*)
        FROM deliveries d
        WHERE d.project_id = %(project_id)s
            AND d.endpoint_id = s.subscription_id
            AND d.status = 'pending'
            AND d.control IS NULL
    ) AS waiting,
    s.last_delivery_at,
    s.last_error,
    s.failed_since,
    s.expires_at,
    s.created_at
FROM event_subscriptions s
LEFT JOIN endpoints e ON e.subscription_id = s.subscription_id
WHERE s.project_id = %(project_id)s
ORDER BY s.created_at DESC, s.subscription_id DESC
LIMIT 500
