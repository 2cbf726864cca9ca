-- Store an inbound delivery once, with its event.
-- With a GUID: once per (source, hook, GUID, bytes); the same GUID with other bytes is a delivery
-- of its own, marked as a conflict. Without one: once per (source, bytes) within the replay window,
-- under whatever GUID the bytes came before. No row: the same delivery was being committed at this
-- moment; running the statement again finds it.
WITH known AS (
    SELECT delivery_id, event_type, conflict
    FROM inbound_deliveries
    WHERE project_id = %(project_id)s
        AND source = %(source)s
        AND body_sha256 = %(body_sha256)s
        AND CASE
            WHEN
                %(guid)s::text IS NULL
                THEN received_at > now() - make_interval(secs => %(replay_window_s)s)
            ELSE hook_id = %(hook_id)s AND guid = %(guid)s
        END
    ORDER BY received_at
    LIMIT 1
),
named AS (
    SELECT
        -- Without a GUID, the delivery is named by its bytes and a number. The number follows the
        -- newest one's, because older ones may have been pruned.
        coalesce(%(guid)s::text, concat('sha256-', encode(%(body_sha256)s, 'hex'), '-', coalesce(
            (
                SELECT substring(d.guid FROM '[0-9]+$')::bigint + 1
                FROM inbound_deliveries d
                WHERE d.project_id = %(project_id)s
                    AND d.source = %(source)s
                    AND d.body_sha256 = %(body_sha256)s
                    AND d.guid ~ '^sha256-[0-9a-f]{64}-[0-9]{1,15}$'
                ORDER BY d.received_at DESC
                LIMIT 1
            ),
            0
        ))) AS guid,
        %(guid)s::text IS NOT NULL AND EXISTS (
            SELECT
            FROM inbound_deliveries d
            WHERE d.project_id = %(project_id)s
                AND d.source = %(source)s
                AND d.hook_id = %(hook_id)s
                AND d.guid = %(guid)s
                AND d.status <> 'too_large'
        ) AS conflict
    WHERE NOT EXISTS (SELECT FROM known)
),
delivery AS (
    INSERT INTO inbound_deliveries (
        project_id,
        source,
        hook_id,
        guid,
        event_type,
        headers,
        body,
        body_sha256,
        content_type,
        conflict,
        action,
        repository,
        method,
        path,
        size,
        verified_by
    )
    SELECT
        %(project_id)s, %(source)s, %(hook_id)s, named.guid, %(event_type)s, %(headers)s::jsonb,
        %(body)s, %(body_sha256)s, %(content_type)s, named.conflict,
        %(action)s, %(repository)s, %(method)s, %(path)s, %(size)s, %(verified_by)s
    FROM named
    ON CONFLICT DO NOTHING
    RETURNING delivery_id, event_type, guid, conflict
),
event AS (
    INSERT INTO events (project_id, type, data, correlation_id)
    SELECT
        %(project_id)s, 'delivery.received',
        jsonb_build_object(
            'delivery_id', delivery_id,
            'source', %(source)s::text,
            'event', event_type,
            'action', %(action)s::text,
            'repository', %(repository)s::text,
            'guid', guid,
            'hook_id', %(hook_id)s::text,
            'size', %(size)s::integer,
            'conflict', conflict
        ),
        %(correlation_id)s
    FROM delivery
),
evaluation AS (
    -- The process that accepts it evaluates its rules; after a crash the reaper does.
    INSERT INTO rule_evaluations (project_id, delivery_id, correlation_id, due_at)
    SELECT
        %(project_id)s, delivery_id, %(correlation_id)s,
        now() + make_interval(secs => %(handled_s)s)
    FROM delivery
    WHERE EXISTS (
            SELECT
            FROM rules r
            WHERE r.project_id = %(project_id)s
                AND r.source = %(source)s
                AND r.status = 'active'
                AND (r.event IS NULL OR r.event = %(event_type)s)
        )
    RETURNING round
)
SELECT
    %(project_id)s::text AS project_id,
    delivery_id,
    event_type,
    false AS duplicate,
    conflict,
    EXISTS(SELECT FROM evaluation) AS has_rules
FROM delivery
UNION ALL
SELECT %(project_id)s::text, delivery_id, event_type, true, conflict, false
FROM known
