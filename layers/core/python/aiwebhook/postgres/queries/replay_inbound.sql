-- Log again that a delivery was received: readers of the log get it once more, under the same id.
-- Rules evaluate it again only if asked for. Guard: its bytes still exist.
WITH delivery AS (
    UPDATE inbound_deliveries
    SET status = 'received', failure = NULL
    WHERE project_id = %(project_id)s
        AND delivery_id = %(delivery_id)s
        AND NOT body_pruned
        AND status <> 'too_large'
    RETURNING *
),
event AS (
    INSERT INTO events (project_id, type, data, correlation_id)
    SELECT
        project_id, 'delivery.received',
        jsonb_build_object(
            'delivery_id', delivery_id,
            'source', source,
            'event', event_type,
            'action', action,
            'repository', repository,
            'guid', guid,
            'hook_id', hook_id,
            'size', coalesce(size, length(body)),
            'conflict', conflict,
            'replayed', true
        ),
        %(correlation_id)s
    FROM delivery
    RETURNING event_no
),
evaluation AS (
    INSERT INTO rule_evaluations (project_id, delivery_id, round, correlation_id, due_at)
    SELECT
        d.project_id, d.delivery_id, e.event_no, %(correlation_id)s,
        now()
    FROM delivery d
    CROSS JOIN event e
    WHERE %(with_rules)s
)
SELECT event_no FROM event
