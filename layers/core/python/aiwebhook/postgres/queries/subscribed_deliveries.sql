-- What is needed to make the messages of subscriptions' deliveries. `granted`: the grant is valid;
-- `allowed`: so is the key or connection that it was given to. `gap`: something was not sent, or
-- may have been lost in a restore, and no event has been sent since. `settled_*`: the position in
-- the project's log up to which the receiver has received every event, or will not receive it;
-- never past a transaction in flight, which began earlier. `*_wakes`: events with a body count,
-- because it is stored before they are sent; dead ones woke nobody, and a refill discounts all
-- earlier ones. `wake_depth`: of the event's task; `by_itself`: the follower has delegated that
-- task itself. `called_at`: when its key or connection called last, by the mark of its rate limit,
-- which every call moves (a crash of the server loses some: an event may then be sent too early).
-- `sent_at`: when an event of the same task that was sent shortly before was written; `replaced`: a
-- newer one of the task exists. Both concern only states of a task: one document does not replace
-- another. Looks at 200 events of the session.
WITH
-- include feed
SELECT
    d.delivery_id,
    d.project_id,
    s.subscription_id,
    s.principal,
    s.name,
    s.secret_box,
    CASE WHEN s.previous_until > now() THEN s.previous_box END AS previous_box,
    d.body,
    se.title AS session_title,
    least(coalesce(w.xid, ev.xid), f.ends_at)::text AS settled_xid,
    CASE
        WHEN coalesce(w.xid, ev.xid) < f.ends_at THEN coalesce(w.event_no - 1, ev.event_no)
        ELSE 0
    END AS settled_no,
    (
        SELECT count(*)
        FROM deliveries n
        WHERE n.project_id = d.project_id
            AND n.endpoint_id = s.subscription_id
            AND n.body IS NOT NULL
            AND n.control IS NULL
            AND n.status <> 'dead'
            AND (
                n.delivered_at IS NULL
                OR n.delivered_at > greatest(
                    now() - make_interval(secs => %(subscription_window_s)s), s.refilled_at
                )
            )
    ) AS subscription_wakes,
    (
        SELECT count(*)
        FROM event_subscriptions o
        JOIN deliveries n ON n.endpoint_id = o.subscription_id
        WHERE o.project_id = d.project_id
            AND o.principal = s.principal
            AND n.body IS NOT NULL
            AND n.control IS NULL
            AND n.status <> 'dead'
            AND (
                n.delivered_at IS NULL
                OR n.delivered_at > greatest(
                    now() - make_interval(secs => %(principal_window_s)s), o.refilled_at
                )
            )
    ) AS principal_wakes,
    coalesce(tp.wake_depth, 0) AS wake_depth,
    coalesce(tp.delegated_by IN (s.principal, s.key_id), false) AS by_itself,
    s.quiet,
    ev.created_at AS written_at,
    greatest(
        (SELECT b.refilled_at FROM rate_buckets b WHERE b.key_id = s.key_id),
        (SELECT max(l.used_at) FROM rate_leases l WHERE l.key_id = s.key_id)
    ) AS called_at,
    near.sent_at,
    coalesce(near.replaced, false) AS replaced,
    d.control,
    s.gap_at IS NOT NULL
    OR EXISTS (
        SELECT
        FROM feed_breaks b
        WHERE b.noticed_at > greatest(s.last_delivery_at, s.refreshed_at)
    ) AS gap,
    s.codes,
    s.ended_because,
    s.ended_at IS NOT NULL AS ended,
    s.expires_at > now() AS granted,
    EXISTS (SELECT FROM api_keys k WHERE k.key_id = s.key_id AND k.revoked_at IS NULL)
    OR EXISTS (
        SELECT FROM connections c WHERE c.connection_id = s.key_id AND c.revoked_at IS NULL
    ) AS allowed
FROM deliveries d
CROSS JOIN feed f
JOIN endpoints e ON e.endpoint_id = d.endpoint_id
JOIN event_subscriptions s ON s.subscription_id = e.subscription_id
JOIN events ev
    ON ev.event_no = d.event_no
    AND ev.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
LEFT JOIN sessions se ON se.project_id = d.project_id AND se.session_id = ev.session_id
LEFT JOIN task_payloads tp ON tp.project_id = d.project_id AND tp.task_id = ev.task_id
LEFT JOIN LATERAL (
    SELECT o.xid, o.event_no
    FROM deliveries p
    JOIN events o
        ON o.event_no = p.event_no
        AND o.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
    WHERE p.project_id = d.project_id
        AND p.endpoint_id = d.endpoint_id
        AND p.status = 'pending'
        AND (o.xid, o.event_no) < (ev.xid, ev.event_no)
    ORDER BY o.xid, o.event_no
    LIMIT 1
) w ON true
LEFT JOIN LATERAL (
    SELECT
        max(o.created_at) FILTER (WHERE o.seq < ev.seq AND n.body IS NOT NULL) AS sent_at,
        bool_or(o.seq > ev.seq) AS replaced
    FROM events o
    JOIN deliveries n
        ON n.project_id = o.project_id
        AND n.event_no = o.event_no
        AND n.endpoint_id = d.endpoint_id
        AND n.control IS NULL
        AND n.status <> 'dead'
    WHERE o.project_id = ev.project_id
        AND o.session_id = ev.session_id
        AND o.seq BETWEEN ev.seq - 100 AND ev.seq + 100
        AND o.task_id = ev.task_id
        AND o.type IN (
            'task.input_required', 'task.completed', 'task.failed', 'task.cancelled'
        )
        AND abs(extract(EPOCH FROM o.created_at - ev.created_at)) < %(apart_s)s
) near ON ev.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
WHERE d.delivery_id = ANY(%(delivery_ids)s::text[])
