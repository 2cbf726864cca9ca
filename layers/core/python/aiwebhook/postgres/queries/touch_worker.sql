-- A worker shows itself; `came_online` when it was unknown or offline before. Null details: as
-- before. A worker may ask for its agents in calls of their own: unless it says that these are all,
-- they come to those it has asked for since it was online.
-- `connected_at` names the time since which the worker has been online. A claim that is held says
-- under which it began: once the worker has left (leave_worker), such a claim is `gone`, also when
-- the worker is back meanwhile, and never puts it online again.
WITH worker_before AS (
    SELECT w.status, w.agents, coalesce(w.details ->> 'connected_at', '') AS connected_at
    FROM workers w
    WHERE w.project_id = %(project_id)s AND w.worker_id = %(worker_id)s
),
worker_seen AS (
    INSERT INTO workers AS w (project_id, worker_id, agents, details)
    VALUES (
        %(project_id)s,
        %(worker_id)s,
        %(agents)s::text[],
        coalesce(%(details)s::jsonb, '{}') - 'left_at'
        || jsonb_build_object('connected_at', now())
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
            details = coalesce(%(details)s::jsonb, w.details) - 'left_at'
            || jsonb_build_object(
                'connected_at',
                CASE
                    WHEN w.status = 'offline' THEN to_jsonb(now())
                    ELSE w.details -> 'connected_at'
                END
            ),
            status = 'available',
            last_seen_at = now()
        WHERE (
            %(connected_at)s::text IS NULL
            OR w.status <> 'offline'
            AND coalesce(w.details ->> 'connected_at', '') = %(connected_at)s
        )
        -- A long poll asks many times; one write in five seconds tells as much.
        AND (
            w.last_seen_at < now() - interval '5 seconds'
            OR w.status <> 'available'
            OR NOT w.agents @> excluded.agents
            OR (%(all_agents)s::boolean AND w.agents <> excluded.agents)
            OR w.details - 'connected_at' <> %(details)s::jsonb
        )
    RETURNING coalesce(w.details ->> 'connected_at', '') AS connected_at
)
SELECT
    NOT EXISTS (
        SELECT FROM worker_before b WHERE b.status = 'available' AND b.agents @> %(agents)s::text[]
    ) AS came_online,
    EXISTS(
        SELECT
        FROM worker_before b
        WHERE %(connected_at)s::text IS NOT NULL
            AND (b.status = 'offline' OR b.connected_at <> %(connected_at)s)
    ) AS gone,
    coalesce(
        (SELECT s.connected_at FROM worker_seen s), (SELECT b.connected_at FROM worker_before b), ''
    ) AS connected_at
