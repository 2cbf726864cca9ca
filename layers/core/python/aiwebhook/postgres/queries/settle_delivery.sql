-- The outcome of one attempt, fenced by the lease it was claimed under: a sender that was overtaken
-- writes nothing. The receiver's record, alerts and their outbox rows go with it. An endpoint is
-- disabled on request (410), or when a delivery used up its ladder and nothing else got through in
-- that time.
WITH settled AS (
    UPDATE deliveries
    SET
        status = %(status)s,
        next_attempt_at = CASE
            WHEN %(status)s = 'pending' THEN now() + make_interval(secs => %(delay_s)s)
        END,
        leased_until = NULL,
        delivered_at = CASE WHEN %(status)s = 'delivered' THEN now() END,
        log = jsonb_path_query_array(log || %(entry)s::jsonb, '$[last - 29 to last]')
    WHERE delivery_id = %(delivery_id)s
        AND status = 'pending'
        AND leased_until = %(leased_until)s
    RETURNING delivery_id, project_id, endpoint_id, url, task_id, event_no
), endpoint AS (
    UPDATE endpoints AS e
    SET
        failures = CASE
            WHEN %(healthy)s THEN 0
            WHEN %(healthy)s IS false THEN e.failures + 1
            ELSE e.failures
        END,
        responsive = coalesce(%(responsive)s, e.responsive),
        breaker_open_until = CASE
            WHEN
                %(pause_s)s::float8 IS NOT NULL
                THEN now() + make_interval(secs => %(pause_s)s::float8)
        END,
        status = CASE WHEN %(disable)s OR exhausted.silent THEN 'disabled' ELSE e.status END,
        disabled_reason = CASE
            WHEN %(disable)s OR exhausted.silent THEN %(reason)s ELSE e.disabled_reason
        END
    FROM settled
    CROSS JOIN
        LATERAL (
            SELECT %(status)s = 'dead' AND %(healthy)s IS false AND NOT EXISTS (
                SELECT
                FROM deliveries other
                WHERE other.project_id = settled.project_id
                    AND other.endpoint_id = settled.endpoint_id
                    AND other.created_at > now() - interval '151 hours'
                    AND other.delivered_at > now() - interval '75 hours'
            ) AS silent
        ) AS exhausted
    WHERE e.endpoint_id = settled.endpoint_id
        AND (%(healthy)s IS NOT NULL OR %(disable)s)
        -- The healthy case is the common one and writes nothing.
        AND NOT (
            %(healthy)s IS true
            AND e.failures = 0
            AND e.breaker_open_until IS NULL
            AND e.responsive IS NOT DISTINCT FROM coalesce(%(responsive)s, e.responsive)
        )
    RETURNING e.endpoint_id, %(disable)s OR exhausted.silent AS disabled
), host AS (
    INSERT INTO callback_hosts AS h (project_id, host, responsive, failures, breaker_open_until)
    SELECT
        settled.project_id,
        lower(split_part(settled.url, '/', 3)),
        %(responsive)s,
        CASE WHEN %(healthy)s THEN 0 ELSE 1 END,
        CASE
            WHEN
                %(pause_s)s::float8 IS NOT NULL
                THEN now() + make_interval(secs => %(pause_s)s::float8)
        END
    FROM settled
    WHERE settled.endpoint_id IS NULL
        AND %(healthy)s IS NOT NULL
        -- As above: a host that keeps answering is not even locked.
        AND NOT EXISTS (
            SELECT
            FROM callback_hosts k
            WHERE k.project_id = settled.project_id
                AND k.host = lower(split_part(settled.url, '/', 3))
                AND %(healthy)s
                AND k.failures = 0
                AND k.breaker_open_until IS NULL
                AND k.responsive IS NOT DISTINCT FROM coalesce(%(responsive)s, k.responsive)
        )
    ON CONFLICT (project_id, host) DO UPDATE
        SET
            responsive = coalesce(excluded.responsive, h.responsive),
            failures = CASE WHEN %(healthy)s THEN 0 ELSE h.failures + 1 END,
            breaker_open_until = excluded.breaker_open_until,
            changed_at = now()
), alert AS (
    INSERT INTO events (project_id, type, task_id, data, correlation_id)
    SELECT
        settled.project_id,
        kind.type,
        settled.task_id,
        jsonb_strip_nulls(jsonb_build_object(
            'delivery_id', settled.delivery_id,
            'endpoint_id', settled.endpoint_id,
            'reason', %(reason)s::text
        )),
        (
            SELECT correlation_id
            FROM events ev
            WHERE ev.event_no = settled.event_no
                AND ev.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
        )
    FROM settled
    CROSS JOIN
        LATERAL (
            SELECT 'delivery.dead' AS type WHERE %(status)s = 'dead'
            UNION ALL
            SELECT 'endpoint.disabled' FROM endpoint WHERE endpoint.disabled
        ) AS kind
    RETURNING event_no, project_id
), published AS (
    INSERT INTO outbox (project_id, kind, event_no)
    SELECT project_id, 'publish', event_no FROM alert
)
SELECT delivery_id FROM settled
