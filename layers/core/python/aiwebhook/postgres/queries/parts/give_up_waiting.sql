-- Gives up everything that waits for a subscription's receiver. A row that is being sent right now
-- is left to its sender.
-- Needs  subscription(project_id, subscription_id)
-- Gives  given_up()
given_up AS (
    UPDATE deliveries d
    SET status = 'dead'
    FROM subscription s
    WHERE d.project_id = s.project_id
        AND d.endpoint_id = s.subscription_id
        AND d.status IN ('pending', 'held')
        AND coalesce(d.leased_until <= now(), true)
)
