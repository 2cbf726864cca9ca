-- A worker shows itself; `came_online` when it was unknown or offline before. Null details: as
-- before. A worker may ask for its agents in calls of their own: unless it says that these are all,
-- they come to those it has asked for since it was online.
WITH worker_before AS (
    SELECT w.status, w.agents
    FROM workers w
    WHERE w.project_id = %(project_id)s AND w.worker_id = %(worker_id)s
),
worker_seen AS (
    INSERT INTO workers AS w (project_id, worker_id, agents, details)
    VALUES (
        %(project_id)s, %(worker_id)s, %(agents)s::text[], coalesce(%(details)s::jsonb, '{}')
    )
    ON CONFLICT (project_id, worker_id) DO UPDATE
        SET
            agents = CASE
                WHEN %(all_agents)s::boolean OR w.status = 'offline' THEN excluded.agents
                ELSE ARRAY(
                        SELECT unnest(w.agents)
                        UNION
                        SELECT unnest(excluded.agents) ORDER BY 1
                    )
            END,
            details = coalesce(%(details)s::jsonb, w.details),
            status = 'available',
            last_seen_at = now()
        -- A long poll asks many times; one write in five seconds tells as much.
        WHERE w.last_seen_at < now() - interval '5 seconds'
        OR w.status <> 'available'
        OR NOT w.agents @> excluded.agents
        OR (%(all_agents)s::boolean AND w.agents <> excluded.agents)
        OR w.details <> %(details)s::jsonb
)
SELECT
    NOT EXISTS (
        SELECT FROM worker_before b WHERE b.status = 'available' AND b.agents @> %(agents)s::text[]
    ) AS came_online
