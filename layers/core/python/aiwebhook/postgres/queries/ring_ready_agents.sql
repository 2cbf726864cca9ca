-- Agents with claimable tasks and room, or with launches nobody finished: ring them, in case every
-- wake-up was lost.
WITH agents_with_work AS (
    SELECT a.project_id, a.agent_name
    FROM agents a
    WHERE (
        EXISTS (
            SELECT FROM tasks t
            WHERE t.project_id = a.project_id AND t.agent_name = a.agent_name AND t.ready
        )
        AND a.max_concurrent > (
            SELECT count(*)
            FROM tasks t
            WHERE t.project_id = a.project_id
                AND t.agent_name = a.agent_name
                AND t.phase = 1
        )
    )
    OR EXISTS (
        SELECT
        FROM tasks t
        JOIN task_attempts l
            ON l.project_id = t.project_id
            AND l.task_id = t.task_id
            AND l.lease_epoch = t.lease_epoch
        WHERE t.project_id = a.project_id
            AND t.agent_name = a.agent_name
            AND t.status = 'claimed'
            AND t.phase = 1
            AND l.status = 'launching'
            AND l.claimed_at < now() - make_interval(secs => %(older_than_s)s)
    )
)
SELECT
    coalesce(jsonb_agg(jsonb_build_object(
        'outbox_id', NULL, 'project_id', w.project_id, 'kind', 'wake', 'destination', w.agent_name
    )), '[]') AS outbox
FROM agents_with_work w
