-- What is due of these events, for this sender alone until the lease ends: to receivers that are
-- known to answer (`responsive`), or to all others. Each row takes one course:
--   claim      charged, and attempted by the caller
--   hold       its endpoint is disabled
--   postpone   its receiver rests (the breaker is open); uncharged
-- and these are uncharged and still due:
--   hand_over  belongs to the lane of retries
--   later      its receiver is of the other kind
--   wait       its project's slots in this lane are taken, or its receiver has enough now: a few
--              deliveries, one after a failure; whoever gives back a slot looks for it
--   crowded    as many notifiers as may are held by receivers, of whatever project, that are not
--              known to answer
-- Rows that another claim looks at are waited for, not skipped: it may be about to find all slots
-- taken, and whoever gave one back meanwhile is the only one who still comes for them.
-- A receiver is an endpoint, or the host of a task's own callback_url. When its rest is over, one
-- claim moves the mark first and becomes the probe; others, which wait for the receiver's row and
-- then find it moved, go on resting.
-- A slot is a session-level advisory lock of the caller, given back by release_callback_slots or
-- with the connection. One more row of the same kind needs none: locks of one session nest. The
-- slot shared by all projects is taken first: a project's own is held by nobody who then does not
-- use it.
WITH due AS (
    SELECT
        delivery_id,
        endpoint_id,
        CASE WHEN endpoint_id IS NULL THEN lower(split_part(url, '/', 3)) END AS host
    FROM deliveries
    WHERE project_id = %(project_id)s
        AND event_no = ANY(%(event_nos)s::bigint[])
        AND status = 'pending'
        AND next_attempt_at <= now()
        AND (leased_until IS NULL OR leased_until <= now())
    ORDER BY delivery_id
    LIMIT %(limit)s
    FOR UPDATE
),
receiver AS (
    SELECT
        due.delivery_id,
        due.endpoint_id,
        due.host,
        coalesce(e.status = 'disabled', false) AS disabled,
        coalesce(e.failures, h.failures, 0) AS failures,
        coalesce(e.responsive, h.responsive) AS responsive,
        row_number() OVER (
            PARTITION BY due.endpoint_id, due.host
            ORDER BY due.delivery_id
        ) AS turn,
        coalesce(e.breaker_open_until, h.breaker_open_until) AS rests_until
    FROM due
    LEFT JOIN endpoints e ON e.endpoint_id = due.endpoint_id
    LEFT JOIN callback_hosts h ON h.project_id = %(project_id)s AND h.host = due.host
),
slots AS MATERIALIZED (
    SELECT
        CASE
            WHEN NOT %(responsive)s AND NOT EXISTS (
                    SELECT
                    FROM generate_series(1, %(unproven)s::integer) AS slot
                    WHERE pg_try_advisory_lock(hashtextextended(
                            concat_ws(':', 'callbacks', %(lane)s::text, slot), 0
                        ))
                ) THEN 'crowded'
            WHEN NOT EXISTS (
                    SELECT
                    FROM generate_series(1, %(share)s::integer) AS slot
                    WHERE pg_try_advisory_lock(hashtextextended(
                            concat_ws(
                                ':', 'callback', %(lane)s::text, %(responsive)s::boolean,
                                %(project_id)s::text, slot
                            ),
                            0
                        ))
                ) THEN 'wait'
            ELSE 'claim'
        END AS course
    WHERE EXISTS (
            SELECT
            FROM receiver r
            WHERE NOT r.disabled
                AND coalesce(r.responsive, false) = %(responsive)s
                AND (%(lane)s = 'retry' OR r.responsive IS NOT false)
                AND (r.rests_until IS NULL OR r.rests_until <= now())
        )
),
probed_endpoint AS (
    UPDATE endpoints e
    SET breaker_open_until = now() + make_interval(secs => %(lease_s)s)
    FROM receiver r
    JOIN slots s ON s.course = 'claim'
    WHERE e.endpoint_id = r.endpoint_id AND e.status = 'active' AND e.breaker_open_until <= now()
        AND coalesce(r.responsive, false) = %(responsive)s
        AND (%(lane)s = 'retry' OR r.responsive IS NOT false)
    RETURNING e.endpoint_id
),
probed_host AS (
    UPDATE callback_hosts h
    SET breaker_open_until = now() + make_interval(secs => %(lease_s)s)
    FROM receiver r
    JOIN slots s ON s.course = 'claim'
    WHERE h.project_id = %(project_id)s AND h.host = r.host AND h.breaker_open_until <= now()
        AND coalesce(r.responsive, false) = %(responsive)s
        AND (%(lane)s = 'retry' OR r.responsive IS NOT false)
    RETURNING h.host
),
decided AS (
    SELECT
        r.delivery_id,
        r.responsive,
        r.failures,
        r.rests_until,
        CASE
            WHEN r.disabled THEN 'hold'
            WHEN r.rests_until > now() THEN 'postpone'
            WHEN %(lane)s = 'first' AND r.responsive IS false THEN 'hand_over'
            WHEN coalesce(r.responsive, false) <> %(responsive)s THEN 'later'
            WHEN s.course <> 'claim' THEN s.course
            WHEN
                r.turn > CASE WHEN r.failures = 0 THEN %(per_receiver)s::integer ELSE 1 END
                THEN 'wait'
            WHEN
                r.rests_until IS NULL OR pe.endpoint_id IS NOT NULL OR ph.host IS NOT NULL
                THEN 'claim'
            ELSE 'postpone'
        END AS course
    FROM receiver r
    LEFT JOIN slots s ON true
    LEFT JOIN probed_endpoint pe ON pe.endpoint_id = r.endpoint_id
    LEFT JOIN probed_host ph ON ph.host = r.host
),
put_off AS (
    UPDATE deliveries d
    SET
        status = CASE s.course WHEN 'hold' THEN 'held' ELSE d.status END,
        next_attempt_at = CASE s.course
            WHEN 'postpone' THEN greatest(s.rests_until, now() + interval '30 seconds')
        END
    FROM decided s
    WHERE d.delivery_id = s.delivery_id AND s.course IN ('hold', 'postpone')
),
claimed AS (
    UPDATE deliveries d
    SET attempts = d.attempts + 1, leased_until = now() + make_interval(secs => %(lease_s)s)
    FROM decided s
    WHERE d.delivery_id = s.delivery_id AND s.course = 'claim'
    RETURNING d.delivery_id, d.attempts, d.leased_until
)
SELECT
    s.course,
    d.delivery_id,
    d.project_id,
    coalesce(e.url, d.url) AS url,
    coalesce(c.attempts, d.attempts) AS attempts,
    coalesce(c.leased_until, now()) AS leased_until,
    d.endpoint_id,
    coalesce(e.payload, 'thin') AS payload,
    s.responsive,
    s.failures,
    coalesce(e.secret_version, 1) AS secret_version,
    coalesce(e.previous_secret_until > now(), false) AS rotating,
    ev.event_no,
    ev.event_id,
    ev.type AS event_type,
    ev.session_id,
    ev.seq,
    ev.task_id,
    t.agent_name,
    ev.data AS event_data,
    ev.correlation_id,
    ev.created_at,
    r.say,
    r.error,
    CASE WHEN e.payload = 'full' THEN r.output END AS output,
    CASE WHEN e.payload = 'full' THEN r.notes END AS notes
FROM decided s
JOIN deliveries d ON d.delivery_id = s.delivery_id
LEFT JOIN claimed c ON c.delivery_id = s.delivery_id
JOIN events ev ON ev.event_no = d.event_no
LEFT JOIN endpoints e ON e.endpoint_id = d.endpoint_id
LEFT JOIN tasks t ON t.project_id = d.project_id AND t.task_id = ev.task_id
LEFT JOIN task_results r ON r.project_id = d.project_id AND r.task_id = ev.task_id
WHERE s.course <> 'hold'
