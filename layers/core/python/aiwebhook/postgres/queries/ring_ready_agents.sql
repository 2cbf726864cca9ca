-- Agents with claimable tasks and room, or with launches nobody finished: ring them, in case every
-- wake-up was lost.
WITH waiting AS (
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
                    AND t.status IN ('claimed', 'running')
                    AND NOT t.ready
            )
        )
        OR EXISTS (
            SELECT FROM task_attempts l
            WHERE l.project_id = a.project_id
                AND l.agent_name = a.agent_name
                AND l.status = 'launching'
                AND l.claimed_at < now() - make_interval(secs => %(older_than_s)s)
        )
),
rung AS (
    INSERT INTO outbox (project_id, kind, destination)
    SELECT w.project_id, 'wake', w.agent_name FROM waiting w
    RETURNING outbox_id, project_id, kind, destination
)
SELECT coalesce(jsonb_agg(to_jsonb(rung)), '[]') AS outbox FROM rung
