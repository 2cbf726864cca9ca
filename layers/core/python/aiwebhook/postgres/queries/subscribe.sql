-- Create a subscription with its endpoint, or refresh one: the secret is replaced (the previous one
-- also signs for a while), the grant starts anew, and deliveries to its receiver are tried again.
-- No row: the caller has as many as it may. `xid`: events that this statement could not see yet are
-- after it in the log.
WITH subscription AS (
    INSERT INTO event_subscriptions AS s (
        subscription_id, project_id, principal, name, arguments, url, session_id, task_id,
        agent_name, facts, key_id, secret_box, secret_mark, quiet, codes, expires_at
    )
    SELECT
        %(subscription_id)s, %(project_id)s, %(principal)s, %(name)s, %(arguments)s::jsonb, %(url)s,
        %(session_id)s, %(task_id)s, %(agent_name)s, %(facts)s::jsonb, %(key_id)s, %(secret_box)s,
        %(secret_mark)s, %(quiet)s, %(codes)s, now() + make_interval(secs => %(grant_s)s)
    WHERE %(most)s > (
            SELECT count(*)
            FROM event_subscriptions o
            WHERE o.project_id = %(project_id)s
                AND o.principal = %(principal)s
                AND o.subscription_id <> %(subscription_id)s
                AND o.ended_at IS NULL
                AND o.expires_at > now()
        )
    ON CONFLICT (subscription_id) DO UPDATE
        SET
            key_id = excluded.key_id,
            quiet = excluded.quiet,
            codes = excluded.codes,
            secret_box = excluded.secret_box,
            secret_mark = excluded.secret_mark,
            previous_box = CASE
                WHEN s.ended_at IS NOT NULL THEN NULL
                WHEN s.secret_mark <> excluded.secret_mark THEN s.secret_box
                ELSE s.previous_box
            END,
            previous_until = CASE
                WHEN s.secret_mark <> excluded.secret_mark
                    THEN now() + make_interval(secs => %(overlap_s)s)
                ELSE s.previous_until
            END,
            expires_at = excluded.expires_at,
            gap_at = CASE WHEN s.ended_at IS NULL THEN s.gap_at END,
            ended_at = NULL,
            ended_because = NULL,
            refreshed_at = now()
    RETURNING
        s.subscription_id, s.project_id, s.url, s.expires_at, s.last_delivery_at, s.last_error,
        s.failed_since
),
endpoint AS (
    INSERT INTO endpoints AS e (endpoint_id, subscription_id, project_id, url, event_types)
    SELECT s.subscription_id, s.subscription_id, s.project_id, s.url, %(types)s::text[]
    FROM subscription s
    ON CONFLICT (endpoint_id) DO UPDATE
        SET status = 'active', failures = 0, breaker_open_until = NULL
)
SELECT
    s.expires_at,
    s.last_delivery_at,
    s.last_error,
    s.failed_since,
    (pg_current_xact_id()::text::bigint + pg_sequence_last_value('feed_base'))::text AS xid
FROM subscription s
