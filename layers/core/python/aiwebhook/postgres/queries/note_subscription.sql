-- Record the outcome of an attempt to reach a subscription's receiver (`failure` null: success),
-- for its owner.
UPDATE event_subscriptions
SET
    last_delivery_at = CASE
        WHEN %(failure)s::text IS NULL THEN %(at)s ELSE last_delivery_at
    END,
    last_error = coalesce(%(failure)s, last_error),
    failed_since = CASE WHEN %(failure)s::text IS NOT NULL THEN coalesce(failed_since, %(at)s) END
WHERE project_id = %(project_id)s AND subscription_id = %(subscription_id)s
