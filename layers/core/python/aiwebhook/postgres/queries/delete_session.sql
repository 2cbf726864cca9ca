-- Delete a session with everything in it, its events too; only `session.deleted` stays.
-- Subscriptions that follow only this session, or one of its tasks, follow nothing any more, and
-- their receivers are told so (the reaper rings for them).
-- Runs after lock_session_tasks and lock_sessions in one transaction, so that its snapshot shows
-- all that writers committed. Running tasks lose their leases, their containers are marked to be
-- stopped, and agents that waited for their room are rung.
-- No row: no such session, or a task of another session depends on one of its tasks and has not
-- been resolved yet: without the edge, it never would be.
WITH session AS (
    DELETE FROM sessions AS s
    WHERE s.project_id = %(project_id)s
        AND s.session_id = %(session_id)s
        AND NOT EXISTS (
            SELECT
            FROM tasks AS blocker
            JOIN task_dependencies AS d
                ON d.project_id = blocker.project_id
                AND d.depends_on = blocker.task_id
                AND NOT d.resolved
            JOIN tasks AS dependant
                ON dependant.project_id = d.project_id AND dependant.task_id = d.task_id
            WHERE blocker.project_id = %(project_id)s
                AND blocker.session_id = %(session_id)s
                AND dependant.session_id <> %(session_id)s
                AND dependant.status NOT IN ('completed', 'failed', 'cancelled')
        )
    RETURNING session_id, title, last_seq
), deleted_events AS (
    DELETE FROM events
    USING session
    WHERE events.project_id = %(project_id)s AND events.session_id = session.session_id
    RETURNING event_no
), deleted_outbox AS (
    DELETE FROM outbox
    USING deleted_events
    WHERE outbox.event_no = deleted_events.event_no
), deleted_callbacks AS (
    DELETE FROM deliveries
    USING deleted_events
    WHERE deliveries.project_id = %(project_id)s
        AND deliveries.event_no = deleted_events.event_no
), ended_subscriptions AS (
    UPDATE event_subscriptions AS followed
    SET ended_at = now(), ended_because = 'session_deleted'
    FROM session
    WHERE followed.project_id = %(project_id)s
        AND followed.ended_at IS NULL
        AND (
            followed.session_id = session.session_id
            OR EXISTS (
                SELECT
                FROM tasks AS t
                WHERE t.project_id = %(project_id)s
                    AND t.session_id = session.session_id
                    AND t.task_id = followed.task_id
            )
        )
    RETURNING followed.subscription_id, followed.url, followed.expires_at > now() AS granted
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq + 1, 'session.deleted', '{}', %(correlation_id)s
    FROM session
    RETURNING event_no, type
), farewells AS (
    INSERT INTO deliveries (project_id, event_no, event_type, endpoint_id, url, control)
    SELECT
        %(project_id)s, event.event_no, event.type, ended.subscription_id, ended.url, 'terminated'
    FROM event
    CROSS JOIN ended_subscriptions AS ended
    JOIN endpoints AS e ON e.subscription_id = ended.subscription_id
    WHERE ended.granted
), woken AS (
    SELECT DISTINCT
        NULL::bigint AS outbox_id, t.project_id, 'wake' AS kind, t.agent_name AS destination
    FROM session
    JOIN tasks AS t ON t.session_id = session.session_id
    WHERE t.project_id = %(project_id)s AND t.phase = 1
), adrift AS (
    INSERT INTO runs_to_stop (attempt_id, runtime_ref)
    SELECT attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch), a.runtime_ref
    FROM session
    JOIN tasks AS t ON t.session_id = session.session_id
    JOIN task_attempts AS a ON a.project_id = t.project_id AND a.task_id = t.task_id
    WHERE t.project_id = %(project_id)s AND a.finished_at IS NULL AND a.runtime_ref IS NOT NULL
    ON CONFLICT DO NOTHING
), outcome AS (
    SELECT
        jsonb_build_object('title', title, 'deleted', true) AS data,
        last_seq + 1 AS cursor
    FROM session
),
-- include keep_outcome
SELECT
    data,
    cursor,
    (SELECT coalesce(jsonb_agg(to_jsonb(w)), '[]') FROM woken AS w) AS outbox
FROM outcome
