-- Claim those of these events' deliveries that are due, longest due first, for this sender alone
-- until the lease ends. Each row has one outcome:
--   claim      charged, and attempted by the caller
--   lost       another claim was faster
--   hold       its endpoint is disabled
--   postpone   its receiver rests (the breaker is open); uncharged
-- and these are uncharged and still due:
--   hand_over  belongs to the lane of retries
--   wait       its project's slots in this lane are taken, or its receiver has as many under way as
--              it may: a few, or one after a failure; whoever frees a slot looks for it
--   crowded    receivers that are not known to answer, of all projects together, occupy as many
--              notifiers as they may
-- Slots are of two kinds: for receivers that are known to answer, and for all others. A slot is a
-- session-level advisory lock of the caller, released by release_callback_slots or with the
-- connection; locks of one session nest. Slots that all projects share are only tried by a claim
-- that has one of its project's, so that nobody holds one in vain. A crowded claim gives its
-- project's slot back at once, and its caller looks for deliveries that found it taken meanwhile.
-- Only rows that will be changed are locked: finding no slot writes nothing, and costs no commit.
-- Rows locked by another claim are waited for, not skipped: that claim may be about to find their
-- receiver at rest, and then only the process that freed a slot meanwhile still comes for them.
-- A receiver is an endpoint, or the host of a task's own callback_url. When its rest is over, one
-- claim moves the mark first and becomes the probe; others, which wait for the receiver's row and
-- then find the mark moved, keep resting.
WITH due AS (
    SELECT
        d.delivery_id,
        d.next_attempt_at,
        d.endpoint_id,
        h.host,
        coalesce(e.status = 'disabled', false) AS disabled,
        coalesce(e.failures, h.failures, 0) AS failures,
        coalesce(e.responsive, h.responsive) AS responsive,
        coalesce(e.responsive, h.responsive, false) AS answers,
        coalesce(e.breaker_open_until, h.breaker_open_until) AS rests_until,
        row_number() OVER (
            PARTITION BY
                d.endpoint_id,
                CASE WHEN d.endpoint_id IS NULL THEN lower(split_part(d.url, '/', 3)) END
            ORDER BY d.next_attempt_at, d.delivery_id
        ) AS turn
    FROM deliveries d
    LEFT JOIN endpoints e ON e.endpoint_id = d.endpoint_id
    LEFT JOIN callback_hosts h
        ON d.endpoint_id IS NULL
        AND h.project_id = %(project_id)s
        AND h.host = lower(split_part(d.url, '/', 3))
    WHERE d.project_id = %(project_id)s
        AND d.event_no = ANY(%(event_nos)s::bigint[])
        AND d.status = 'pending'
        AND d.next_attempt_at <= now()
        AND (d.leased_until IS NULL OR d.leased_until <= now())
    ORDER BY d.next_attempt_at, d.delivery_id
    LIMIT %(limit)s
),
wanted AS (
    SELECT
        due.*,
        CASE
            WHEN due.disabled THEN 'hold'
            WHEN due.rests_until > now() THEN 'postpone'
            WHEN %(lane)s = 'first' AND due.responsive IS false THEN 'hand_over'
            WHEN
                due.turn > CASE WHEN due.failures = 0 THEN %(per_receiver)s::integer ELSE 1 END
                THEN 'wait'
            ELSE 'claim'
        END AS course
    FROM due
),
slots AS MATERIALIZED (
    SELECT
        kind.answers,
        CASE
            WHEN own.slot IS NULL THEN 'wait'
            WHEN kind.answers THEN 'claim'
            WHEN EXISTS (
                    SELECT
                    FROM generate_series(1, %(unproven)s::integer) AS slot
                    WHERE pg_try_advisory_lock(hashtextextended(
                            concat_ws(':', 'callbacks', %(lane)s::text, slot), 0
                        ))
                ) THEN 'claim'
            WHEN pg_advisory_unlock(own.slot) THEN 'crowded'
        END AS course
    FROM (SELECT DISTINCT answers FROM wanted WHERE course = 'claim') AS kind
    LEFT JOIN
        LATERAL (
            SELECT key.slot
            FROM generate_series(1, %(share)s::integer) AS n
            CROSS JOIN
                LATERAL (
                    SELECT hashtextextended(
                        concat_ws(
                            ':', 'callback', %(lane)s::text, kind.answers, %(project_id)s::text, n
                        ),
                        0
                    ) AS slot
                ) AS key
            WHERE pg_try_advisory_lock(key.slot)
            LIMIT 1
        ) AS own
        ON true
),
chosen AS (
    SELECT
        w.*,
        coalesce(s.course = 'claim', false) AS has_slot,
        CASE WHEN s.course <> 'claim' THEN s.course ELSE w.course END AS chosen_course
    FROM wanted w
    LEFT JOIN slots s ON s.answers = w.answers AND w.course IN ('claim', 'wait')
),
locked AS MATERIALIZED (
    SELECT d.delivery_id
    FROM deliveries d
    WHERE d.delivery_id = ANY(ARRAY(
            SELECT c.delivery_id
            FROM chosen c
            WHERE c.chosen_course IN ('claim', 'hold', 'postpone')
        ))
        AND d.status = 'pending'
        AND d.next_attempt_at <= now()
        AND (d.leased_until IS NULL OR d.leased_until <= now())
    ORDER BY d.delivery_id
    FOR UPDATE
),
probed_endpoint AS (
    UPDATE endpoints e
    SET breaker_open_until = now() + make_interval(secs => %(lease_s)s)
    FROM chosen c
    JOIN locked USING (delivery_id)
    WHERE c.chosen_course = 'claim'
        AND e.endpoint_id = c.endpoint_id
        AND e.status = 'active'
        AND e.breaker_open_until <= now()
    RETURNING e.endpoint_id
),
probed_host AS (
    UPDATE callback_hosts h
    SET breaker_open_until = now() + make_interval(secs => %(lease_s)s)
    FROM chosen c
    JOIN locked USING (delivery_id)
    WHERE c.chosen_course = 'claim'
        AND h.project_id = %(project_id)s
        AND h.host = c.host
        AND h.breaker_open_until <= now()
    RETURNING h.host
),
decided AS (
    SELECT
        c.delivery_id,
        c.next_attempt_at,
        c.responsive,
        c.failures,
        c.rests_until,
        c.has_slot,
        CASE
            WHEN c.chosen_course NOT IN ('claim', 'hold', 'postpone') THEN c.chosen_course
            WHEN l.delivery_id IS NULL THEN 'lost'
            WHEN
                c.chosen_course = 'claim'
                AND c.rests_until IS NOT NULL
                AND pe.endpoint_id IS NULL
                AND ph.host IS NULL
                THEN 'postpone'
            ELSE c.chosen_course
        END AS course
    FROM chosen c
    LEFT JOIN locked l ON l.delivery_id = c.delivery_id
    LEFT JOIN probed_endpoint pe ON pe.endpoint_id = c.endpoint_id
    LEFT JOIN probed_host ph ON ph.host = c.host
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
    s.has_slot,
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
    event_name(ev.event_id, ev.created_at, ev.event_no) AS event_id,
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
JOIN events ev
    ON ev.event_no = d.event_no
    AND ev.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
LEFT JOIN endpoints e ON e.endpoint_id = d.endpoint_id
LEFT JOIN tasks t ON t.project_id = d.project_id AND t.task_id = ev.task_id
LEFT JOIN task_results r ON r.project_id = d.project_id AND r.task_id = ev.task_id
WHERE s.course <> 'hold'
ORDER BY s.next_attempt_at, s.delivery_id
