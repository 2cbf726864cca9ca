-- After the commit of a change: forget what was pushed, wake the readers, one NOTIFY at a time (see
-- settle.sql), and find which of the agents that got room have a task to be claimed. Never inside
-- the change itself: a NOTIFY serialises commits, and only a snapshot taken after the commit shows
-- every task whose own ring came too early for the room. Losing this statement loses nothing: the
-- sweep pushes again, readers poll, the reaper rings.
WITH pushed AS (
    DELETE FROM outbox WHERE outbox_id = ANY(%(outbox_ids)s::bigint[]) RETURNING outbox_id
)
SELECT
    set_config('synchronous_commit', 'off', true) AS synchronous_commit,
    (SELECT count(*) FROM pushed) AS pushed,
    CASE
        WHEN pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
            THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified,
    (
        SELECT
            coalesce(jsonb_agg(jsonb_build_object(
                'project_id', f.project_id, 'agent_name', f.agent_name
            )), '[]')
        FROM unnest(%(project_ids)s::text[], %(agent_names)s::text[]) AS f (project_id, agent_name)
        WHERE EXISTS (
                SELECT
                FROM generate_series(0, 9) AS p (priority)
                LEFT JOIN queue_lanes l
                    ON l.project_id = f.project_id
                    AND l.agent_name = f.agent_name
                    AND l.priority = p.priority
                CROSS JOIN
                    LATERAL (
                        SELECT
                        FROM tasks t
                        WHERE t.project_id = f.project_id
                            AND t.agent_name = f.agent_name
                            AND t.priority = p.priority::smallint
                            AND t.ready
                            AND (t.fair_tag, t.ready_seq)
                            >= (coalesce(l.mark_tag, 0), coalesce(l.mark_seq, 0))
                        ORDER BY t.fair_tag, t.ready_seq
                        LIMIT 1
                    ) h
            )
    ) AS with_work
