-- Queues one event of a published type to be pushed.
-- Needs  event: the event row, all columns of `Event`
-- Gives  to_push(outbox): the outbox row as JSON, to be pushed after the commit
new_callbacks AS (
    INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url, status)
    SELECT
        e.project_id, e.event_no, e.type, p.endpoint_id, p.url,
        CASE p.status WHEN 'active' THEN 'pending' ELSE 'held' END
    FROM event AS e
    JOIN endpoints AS p ON p.project_id = e.project_id
    WHERE (p.event_types = '{}' OR e.type = ANY(p.event_types))
        AND (
            p.subscription_id IS NULL
            OR is_followed(p.subscription_id, e.session_id, e.task_id, e.data)
        )
), publication AS (
    INSERT INTO outbox (project_id, kind, event_no)
    SELECT project_id, 'publish', event_no
    FROM event
    RETURNING outbox_id
), to_push AS (
    SELECT
        jsonb_build_array(jsonb_build_object(
            'outbox_id', publication.outbox_id,
            'project_id', event.project_id,
            'kind', 'publish',
            'destination', NULL,
            'event', to_jsonb(event)
        )) AS outbox
    FROM publication, event
)
