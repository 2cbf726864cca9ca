-- Messages about a subscription itself: that something was not sent, and that it has ended.

ALTER TABLE deliveries ADD COLUMN control text CHECK (control IN ('gap', 'terminated'));
ALTER TABLE event_subscriptions ADD COLUMN gap_at timestamptz;
ALTER TABLE event_subscriptions ADD COLUMN ended_because text;
ALTER TABLE event_subscriptions ADD COLUMN codes text NOT NULL DEFAULT 'sketch';

CREATE OR REPLACE FUNCTION wake_depth(of_project text, of_connection text, woken_s integer) RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(1 + max(coalesce(p.wake_depth, 0)), 0)::smallint
    FROM event_subscriptions s
    JOIN deliveries d ON d.endpoint_id = s.subscription_id
    JOIN events e ON e.event_no = d.event_no
    LEFT JOIN task_payloads p ON p.project_id = e.project_id AND p.task_id = e.task_id
    WHERE s.project_id = of_project
        AND of_connection IN (s.principal, s.key_id)
        AND d.body IS NOT NULL
        AND d.control IS NULL
        AND (
            d.delivered_at > greatest(now() - make_interval(secs => woken_s), s.refilled_at)
            OR (d.delivered_at IS NULL AND d.leased_until > now())
        )
$$;
