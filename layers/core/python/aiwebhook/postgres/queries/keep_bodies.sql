-- Store messages' bodies as they were first made and, for those that are no events, their kind; a
-- stored one stays unchanged. A gap is open from the message that reports it until the next event,
-- which reports it too.
WITH kept AS (
    UPDATE deliveries d
    SET body = b.body, control = b.control
    FROM
        unnest(
            %(delivery_ids)s::text[], %(bodies)s::bytea[], %(controls)s::text[]
        ) AS b (delivery_id, body, control)
    WHERE d.delivery_id = b.delivery_id AND d.body IS NULL
    RETURNING d.delivery_id, d.project_id, d.endpoint_id, d.control
),
subscribed AS (
    SELECT k.project_id, k.endpoint_id, coalesce(bool_or(k.control = 'gap'), false) AS has_gap
    FROM kept k
    WHERE k.control IS DISTINCT FROM 'terminated'
    GROUP BY k.project_id, k.endpoint_id
),
marked AS (
    UPDATE event_subscriptions s
    SET gap_at = CASE WHEN n.has_gap THEN now() END
    FROM subscribed n
    WHERE s.project_id = n.project_id
        AND s.subscription_id = n.endpoint_id
        AND (s.gap_at IS NOT NULL OR n.has_gap)
)
SELECT k.delivery_id FROM kept k
